package logs

import (
	"bytes"
	"io"
)

// Collect appends what f gives to the ring, by whole lines, until its end. A line longer than MaxText is
// divided. raw and lines, where they are given, get the bytes too: as they come, and by whole lines.
func (r *Ring) Collect(f io.ReadCloser, stream uint8, raw, lines func([]byte)) {
	defer f.Close()
	buf := make([]byte, HeaderSize+MaxText)
	keep := func(end int) {
		if lines != nil {
			lines(buf[HeaderSize:end])
		}
		r.Append(stream, buf[:end])
	}
	used := HeaderSize
	for {
		n, err := f.Read(buf[used:])
		if raw != nil && n > 0 {
			raw(buf[used : used+n])
		}
		used += n
		end := HeaderSize
		if i := bytes.LastIndexByte(buf[used-n:used], '\n'); i >= 0 {
			end = used - n + i + 1
		} else if used == len(buf) || (err != nil && used > HeaderSize) {
			end = used
		}
		if end > HeaderSize {
			keep(end)
			used = HeaderSize + copy(buf[HeaderSize:], buf[end:used])
		}
		if err != nil {
			if used > HeaderSize {
				keep(used)
			}
			return
		}
	}
}
