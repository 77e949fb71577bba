package vt

import (
	"bytes"
	"strings"
)

// Tracker knows the modes that the output fed to it has left behind. The zero value is a fresh terminal.
type Tracker struct {
	parser  parser
	modes   []setting // in the order in which they were last set
	style   style
	charset [2]byte // of G0 and G1; 0 is the usual one
	shifted bool    // G1 is in use
	keypad  byte
	region  string
	cursor  string
	title   []byte
}

// setting is a mode, e.g. "?1049", and h or l.
type setting struct {
	mode  string
	final byte
}

// maxModes bounds what a hostile program can make us remember.
const maxModes = 64

// AtBoundary reports whether what was fed ends at the end of a character and outside of a sequence.
func (t *Tracker) AtBoundary() bool { return t.parser.state == ground }

// Feed takes output.
func (t *Tracker) Feed(p []byte) {
	for _, b := range p {
		t.step(b)
	}
}

// FeedToBoundary takes at least the first n bytes of p, and more up to the next boundary. It returns how
// many it took.
func (t *Tracker) FeedToBoundary(p []byte, n int) int {
	for i, b := range p {
		if i >= n && t.AtBoundary() && b&0xc0 != 0x80 {
			return i
		}
		t.step(b)
	}
	return len(p)
}

func (t *Tracker) step(b byte) {
	if t.parser.state == ground && (b == 0x0e || b == 0x0f) {
		t.shifted = b == 0x0e
		return
	}
	if t.parser.step(b) {
		t.sequence(t.parser.seq)
	}
}

func (t *Tracker) sequence(s []byte) {
	if len(s) >= maxSequence || len(s) < 2 {
		return
	}
	final := s[len(s)-1]
	switch s[1] {
	case '[':
		t.control(string(s[2:len(s)-1]), final)
	case ']':
		if bytes.HasPrefix(s, []byte("\x1b]0;")) || bytes.HasPrefix(s, []byte("\x1b]2;")) {
			t.title = append(t.title[:0], s...)
		}
	case '(':
		t.charset[0] = usual(final)
	case ')':
		t.charset[1] = usual(final)
	case '=', '>':
		t.keypad = final
	case 'c':
		*t = Tracker{}
	}
}

func usual(final byte) byte {
	if final == 'B' {
		return 0
	}
	return final
}

func (t *Tracker) control(params string, final byte) {
	switch {
	case final == 'h' || final == 'l':
		prefix := ""
		if strings.HasPrefix(params, "?") {
			prefix, params = "?", params[1:]
		}
		for _, m := range strings.Split(params, ";") {
			t.set(prefix+m, final)
		}
	case final == 'm' && (params == "" || params[0] != '>' && params[0] != '?'):
		t.style.apply(params)
	case final == 'r' && !strings.HasPrefix(params, "?"):
		t.region = params
	case final == 'q' && strings.HasSuffix(params, " "):
		t.cursor = params
	case final == 'p' && params == "!":
		t.modes, t.style, t.charset, t.shifted, t.keypad, t.region = nil, style{}, [2]byte{}, false, 0, ""
	}
}

func (t *Tracker) set(mode string, final byte) {
	for i, m := range t.modes {
		if m.mode == mode {
			t.modes = append(t.modes[:i], t.modes[i+1:]...)
			break
		}
	}
	if len(t.modes) < maxModes {
		t.modes = append(t.modes, setting{mode, final})
	}
}

// Restore returns the output that brings a fresh terminal into the modes left behind. It is empty for a
// fresh terminal.
func (t *Tracker) Restore() []byte {
	b := append([]byte(nil), t.title...)
	for _, m := range t.modes {
		b = append(append(append(b, "\x1b["...), m.mode...), m.final)
	}
	if t.region != "" {
		b = append(append(append(b, "\x1b["...), t.region...), 'r')
	}
	if t.cursor != "" {
		b = append(append(append(b, "\x1b["...), t.cursor...), 'q')
	}
	for i, c := range t.charset {
		if c != 0 {
			b = append(b, 0x1b, "()"[i], c)
		}
	}
	if t.shifted {
		b = append(b, 0x0e)
	}
	if t.keypad != 0 {
		b = append(b, 0x1b, t.keypad)
	}
	return t.style.restore(b)
}
