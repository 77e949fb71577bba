package vt

import (
	"bytes"
	"strings"
)

// Filter takes the questions to the terminal out of output: what a replay asks, or what a second terminal
// is asked too, would be answered into the shell's input. All else passes unchanged. The zero value is
// ready.
type Filter struct {
	parser parser
	held   []byte // a sequence that is not complete
	long   bool   // and too long to be a question: it is passed on as it comes
}

const (
	esc     = 0x1b
	enquiry = 0x05
)

// Append appends to out what p has for the terminal. Where ask is set, questions pass too.
func (f *Filter) Append(out, p []byte, ask bool) []byte {
	for len(p) > 0 {
		if f.parser.state <= character {
			n := bytes.IndexByte(p, esc)
			if n < 0 {
				n = len(p)
			}
			out = appendPlain(out, p[:n], ask)
			p = p[n:]
			if len(p) == 0 {
				break
			}
		}
		b := p[0]
		p = p[1:]
		complete := f.parser.step(b)
		f.held = append(f.held, b)
		if f.parser.state > character && len(f.held) < maxSequence && !f.long {
			continue
		}
		if !complete || ask || f.long || !question(f.parser.seq) {
			out = append(out, f.held...)
		}
		f.held = f.held[:0]
		f.long = f.parser.state > character
	}
	return out
}

// Rest returns the sequence that has begun, for a terminal that gets the rest of it by another way.
func (f *Filter) Rest() []byte {
	held := f.held
	*f = Filter{}
	return held
}

func appendPlain(out, p []byte, ask bool) []byte {
	for !ask {
		i := bytes.IndexByte(p, enquiry)
		if i < 0 {
			break
		}
		out, p = append(out, p[:i]...), p[i+1:]
	}
	return append(out, p...)
}

// question reports whether a terminal answers to a sequence (xterm's control sequences, kitty's keyboard
// protocol).
func question(s []byte) bool {
	if len(s) < 3 {
		return len(s) == 2 && s[1] == 'Z'
	}
	body := string(s[2:])
	switch s[1] {
	case '[':
		return controlQuestion(body[:len(body)-1], body[len(body)-1])
	case ']':
		return strings.Contains(body, "?") && !strings.HasPrefix(body, "0;") && !strings.HasPrefix(body, "1;") &&
			!strings.HasPrefix(body, "2;") && !strings.HasPrefix(body, "8;")
	case 'P':
		return strings.HasPrefix(body, "$q") || strings.HasPrefix(body, "+q")
	case '_':
		return strings.HasPrefix(body, "G") && strings.Contains(body, "a=q")
	}
	return false
}

func controlQuestion(params string, final byte) bool {
	switch final {
	case 'c':
		return !strings.HasPrefix(params, "?")
	case 'n':
		return !strings.HasPrefix(params, ">")
	case 'x':
		return params == "" || params == "0" || params == "1"
	case 'p':
		return strings.HasSuffix(params, "$")
	case 'q':
		return strings.HasPrefix(params, ">")
	case 'u':
		return params == "?"
	case 't':
		number, _, _ := strings.Cut(params, ";")
		return len(number) == 2 && number >= "11" && number <= "21"
	case 'S':
		return strings.HasPrefix(params, "?") && strings.Contains(params, ";1")
	}
	return false
}
