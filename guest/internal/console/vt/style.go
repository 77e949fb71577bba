package vt

import "strings"

// style is the rendition that SGR sequences have left behind: per attribute the parameters that set it.
type style [slots]string

const (
	weight = iota
	faint
	italic
	underline
	blink
	inverse
	conceal
	strike
	overline
	foreground
	background
	underlineColour
	slots
)

// apply takes the parameters of an SGR sequence.
func (s *style) apply(params string) {
	p := strings.Split(params, ";")
	for i := 0; i < len(p); i++ {
		code, _, _ := strings.Cut(p[i], ":")
		if slot, ok := colours[code]; ok {
			n := 1
			if code == p[i] && i+1 < len(p) { // 38;5;n or 38;2;r;g;b; with colons it is one parameter
				n = map[string]int{"5": 3, "2": 5}[p[i+1]]
			}
			n = min(max(n, 1), len(p)-i)
			s[slot] = strings.Join(p[i:i+n], ";")
			i += n - 1
			continue
		}
		s.attribute(code, p[i])
	}
}

var colours = map[string]int{"38": foreground, "48": background, "58": underlineColour}

var attributes = map[string]int{
	"1": weight, "2": faint, "3": italic, "4": underline, "21": underline, "5": blink, "6": blink,
	"7": inverse, "8": conceal, "9": strike, "53": overline,
}

var resets = map[string][]int{
	"22": {weight, faint}, "23": {italic}, "24": {underline}, "25": {blink}, "27": {inverse}, "28": {conceal},
	"29": {strike}, "55": {overline}, "39": {foreground}, "49": {background}, "59": {underlineColour},
}

func (s *style) attribute(code, param string) {
	if code == "" || code == "0" || code == "00" {
		*s = style{}
		return
	}
	for _, slot := range resets[code] {
		s[slot] = ""
	}
	if slot, ok := attributes[strings.TrimPrefix(code, "0")]; ok {
		s[slot] = param
	}
	switch {
	case len(code) == 2 && code[0] == '3' && code[1] <= '7', len(code) == 2 && code[0] == '9' && code[1] <= '7':
		s[foreground] = param
	case len(code) == 2 && code[0] == '4' && code[1] <= '7', len(code) == 3 && code[:2] == "10" && code[2] <= '7':
		s[background] = param
	}
}

func (s *style) restore(b []byte) []byte {
	for _, p := range s {
		if p != "" {
			b = append(append(append(b, "\x1b["...), p...), 'm')
		}
	}
	return b
}
