package protocol

import "encoding/binary"

// rule says what a frame of a type may look like.
type rule struct {
	known      bool
	maxStream  uint8
	minPayload uint32
	maxPayload uint32
}

var rules = func() (r [256]rule) {
	object := rule{known: true, minPayload: 2, maxPayload: MaxPayload}
	for _, t := range []Type{Hello, Open, Signal, Welcome, Started, Event, Exit, Error, Result, Notice} {
		r[t] = object
	}
	r[Data] = rule{known: true, maxStream: Replay, minPayload: 1, maxPayload: MaxPayload}
	r[EOF] = rule{known: true, maxStream: Stderr}
	for _, t := range []Type{Close, Live, Ping, Pong} {
		r[t] = rule{known: true}
	}
	r[Resize] = rule{known: true, minPayload: 4, maxPayload: 4}
	r[Credit] = rule{known: true, minPayload: 4, maxPayload: 4}
	r[StreamOpen] = ofStream(2, 4096)
	r[StreamData] = ofStream(1, 32768)
	r[StreamEnd] = ofStream(0, 0)
	r[StreamReset] = ofStream(1, 32)
	r[StreamWindow] = ofStream(4, 4)
	return r
}()

// ofStream is the rule of frames with so many bytes behind the stream's number.
func ofStream(least, most uint32) rule {
	return rule{known: true, minPayload: streamIDSize + least, maxPayload: streamIDSize + most}
}

// checkHeader refuses a header as early as its eight bytes allow.
func checkHeader(h []byte) error {
	r := &rules[h[0]]
	n := binary.BigEndian.Uint32(h[4:8])
	switch {
	case !r.known:
		return Violate("type", "unknown frame type 0x%02x", h[0])
	case h[2] != 0 || h[3] != 0:
		return Violate("reserved", "the reserved field of a frame of type 0x%02x is not zero", h[0])
	case h[1] > r.maxStream:
		return Violate("stream", "frames of type 0x%02x have no stream %d", h[0], h[1])
	case n > r.maxPayload || n < r.minPayload:
		return Violate("length", "a frame of type 0x%02x has a payload of %d bytes", h[0], n)
	}
	return nil
}

// checkPayload refuses a payload whose fixed format is broken. JSON is checked where it is read.
func checkPayload(f Frame) error {
	if f.Type.OfStream() {
		if id, _ := StreamID(f); id == 0 {
			return Violate("stream", "a frame of type 0x%02x of stream 0", uint8(f.Type))
		}
	}
	if f.Type != Resize {
		return nil
	}
	if rows, cols := Size(f.Payload); rows == 0 || cols == 0 {
		return Violate("payload", "a terminal of %d rows and %d columns", rows, cols)
	}
	return nil
}

// Size reads the payload of a RESIZE.
func Size(p []byte) (rows, cols uint16) {
	return binary.BigEndian.Uint16(p), binary.BigEndian.Uint16(p[2:])
}

// AppendSize appends the payload of a RESIZE to b.
func AppendSize(b []byte, rows, cols uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, rows), cols)
}
