package protocol

import "encoding/binary"

// Decoder turns a stream of bytes into frames. Its buffer grows with what has really arrived, never with
// what a header promises. The zero value is ready.
type Decoder struct{ buf []byte }

// Feed hands bytes to the decoder and calls handle for every complete frame. A frame's payload is valid
// during the call only. After an error (a *Violation, or what handle returned) the decoder must be Reset.
func (d *Decoder) Feed(p []byte, handle func(Frame) error) error {
	for {
		if len(d.buf) == 0 {
			// Whole frames are handed on from p itself.
			n, err := d.take(p, handle)
			if err != nil {
				return err
			}
			d.buf = append(d.buf, p[n:]...)
			return nil
		}
		need, err := d.missing()
		if err != nil {
			return err
		}
		if need > len(p) {
			d.buf = append(d.buf, p...)
			return nil
		}
		d.buf = append(d.buf, p[:need]...)
		p = p[need:]
		if need, err = d.missing(); err != nil {
			return err
		} else if need > 0 {
			continue
		}
		if _, err := d.take(d.buf, handle); err != nil {
			return err
		}
		d.buf = d.buf[:0]
	}
}

// Reset forgets a partial frame and gives its memory back.
func (d *Decoder) Reset() { d.buf = nil }

// missing returns how many bytes the buffered frame lacks: to a whole header first, then to its end.
func (d *Decoder) missing() (int, error) {
	if len(d.buf) < HeaderSize {
		return HeaderSize - len(d.buf), nil
	}
	if err := checkHeader(d.buf); err != nil {
		return 0, err
	}
	return HeaderSize + int(binary.BigEndian.Uint32(d.buf[4:])) - len(d.buf), nil
}

// take handles the complete frames at the beginning of p and returns their length.
func (d *Decoder) take(p []byte, handle func(Frame) error) (int, error) {
	done := 0
	for len(p)-done >= HeaderSize {
		h := p[done:]
		if err := checkHeader(h); err != nil {
			return done, err
		}
		end := HeaderSize + int(binary.BigEndian.Uint32(h[4:]))
		if len(h) < end {
			break
		}
		f := Frame{Type(h[0]), h[1], h[HeaderSize:end:end]}
		if err := checkPayload(f); err != nil {
			return done, err
		}
		if err := handle(f); err != nil {
			return done, err
		}
		done += end
	}
	return done, nil
}
