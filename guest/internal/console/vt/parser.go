// Package vt follows a terminal's output as far as is needed to cut it and to take it up again.
package vt

// parser finds the boundaries of characters and escape sequences (ECMA-48, and xterm's control sequences).
type parser struct {
	state state
	more  uint8  // bytes that the character still lacks
	seq   []byte // the sequence so far, from ESC on
}

type state uint8

const (
	ground state = iota
	character
	escape  // after ESC
	charset // after ESC and an intermediate byte
	control // after ESC [
	text    // inside OSC, DCS, APC, PM or SOS
	textEsc // an ESC in there
)

// maxSequence is how much of a sequence is kept for its meaning; what is longer means nothing to us.
const maxSequence = 256

// step takes one byte and reports whether a sequence is complete with it. A byte that is not part of one
// leaves the parser on the ground.
func (p *parser) step(b byte) (complete bool) {
	switch p.state {
	case ground, character:
		p.plain(b)
		return false
	}
	if b == 0x18 || b == 0x1a { // CAN and SUB abort a sequence
		p.state = ground
		return false
	}
	if len(p.seq) < maxSequence {
		p.seq = append(p.seq, b)
	}
	switch p.state {
	case escape:
		switch {
		case b == '[':
			p.state = control
		case b == ']' || b == 'P' || b == '_' || b == '^' || b == 'X':
			p.state = text
		case b == 0x1b:
			p.begin()
		case b >= 0x20 && b <= 0x2f:
			p.state = charset
		case b >= 0x30:
			p.state = ground
			return true
		}
	case charset:
		if b == 0x1b {
			p.begin()
		} else if b >= 0x30 {
			p.state = ground
			return true
		}
	case control:
		if b == 0x1b {
			p.begin()
		} else if b >= 0x40 && b <= 0x7e {
			p.state = ground
			return true
		}
	case text:
		if b == 0x07 {
			p.state = ground
			return true
		}
		if b == 0x1b {
			p.state = textEsc
		}
	case textEsc:
		if b == '\\' {
			p.state = ground
			return true
		}
		// The string is broken off, and another sequence has begun.
		p.begin()
		return p.step(b)
	}
	return false
}

func (p *parser) begin() {
	p.state = escape
	p.seq = append(p.seq[:0], 0x1b)
}

func (p *parser) plain(b byte) {
	switch {
	case b == 0x1b:
		p.begin()
	case p.state == character && b&0xc0 == 0x80:
		if p.more--; p.more == 0 {
			p.state = ground
		}
	case b >= 0xc2 && b < 0xe0:
		p.state, p.more = character, 1
	case b >= 0xe0 && b < 0xf0:
		p.state, p.more = character, 2
	case b >= 0xf0 && b < 0xf5:
		p.state, p.more = character, 3
	default:
		p.state = ground
	}
}
