package entrypoint

import (
	"bytes"

	"mvm/guest/internal/logs"
)

// appendLines appends as many of the lines to the record as it may hold, each with the service's name in
// front, and returns the rest.
func (o *output) appendLines(unit string, text []byte) (rest []byte) {
	room := logs.HeaderSize + logs.MaxText
	for len(text) > 0 {
		line, after, _ := bytes.Cut(text, []byte{'\n'})
		if len(line) > logs.MaxText/2 {
			line, after = line[:logs.MaxText/2], text[logs.MaxText/2:]
		}
		if len(o.record)+len(unit)+len(" | ")+len(line)+1 > room && len(o.record) > logs.HeaderSize {
			break
		}
		o.record = append(append(append(o.record, unit...), " | "...), line...)
		o.record = append(o.record, '\n')
		text = after
	}
	return text
}
