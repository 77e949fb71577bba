package logs

import (
	"bytes"
	"io"
	"sync"
)

// collector appends what a file gives to a ring.
type collector struct {
	ring   *Ring
	stream uint8

	mu   sync.Mutex
	buf  []byte
	sent int // buf is in the ring up to here
	used int // and filled up to here; only the reader changes it
	line int // bytes of the line that is in the ring so far, and has not ended
}

// Collect appends what f gives to the ring, by whole lines, until its end. A line that does not fit into a record is
// several. raw and lines, where they are given, get the bytes too: as they come, and by whole lines, or pieces of MaxText.
func (r *Ring) Collect(f io.ReadCloser, stream uint8, raw, lines func([]byte)) {
	defer f.Close()
	c := &collector{ring: r, stream: stream, buf: make([]byte, HeaderSize+MaxText), sent: HeaderSize, used: HeaderSize}
	r.register(c, true)
	defer r.register(c, false)
	told := HeaderSize // lines has had buf up to here
	for {
		n, err := f.Read(c.buf[c.used:])
		if raw != nil && n > 0 {
			raw(c.buf[c.used : c.used+n])
		}
		c.mu.Lock()
		c.used += n
		full := c.used == len(c.buf)
		c.take(full, err != nil)
		end := c.used
		if !full && err == nil {
			end = told + bytes.LastIndexByte(c.buf[told:c.used], '\n') + 1
		}
		if lines != nil && end > told {
			lines(c.buf[told:end])
		}
		keep := min(end, c.sent)
		told, c.sent = end-keep+HeaderSize, c.sent-keep+HeaderSize
		c.used = HeaderSize + copy(c.buf[HeaderSize:], c.buf[keep:c.used])
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (r *Ring) register(c *collector, reads bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if reads {
		r.from[c] = true
	} else {
		delete(r.from, c)
	}
}

// settle appends what was collected of lines that have no end yet.
func (r *Ring) settle() {
	r.mu.Lock()
	var from []*collector
	for c := range r.from {
		from = append(from, c)
	}
	r.mu.Unlock()
	for _, c := range from {
		c.mu.Lock()
		if c.sent < c.used {
			c.piece(c.used, true)
		}
		c.mu.Unlock()
	}
}

// take appends the lines that are whole, and a piece of the last one where the buffer is full or the file has ended.
func (c *collector) take(full, ended bool) {
	if i := bytes.IndexByte(c.buf[c.sent:c.used], '\n'); c.line > 0 && i >= 0 {
		c.piece(c.sent+i+1, false)
	}
	if i := bytes.LastIndexByte(c.buf[c.sent:c.used], '\n'); i >= 0 {
		c.append(Whole, c.sent+i+1)
	}
	if ended && (c.line > 0 || c.sent < c.used) {
		c.piece(c.used, false)
	} else if full && c.sent < c.used {
		c.piece(c.used, true)
	}
}

// piece appends a piece of a line, up to there: what is left of it, or more is to come.
func (c *collector) piece(to int, more bool) {
	part := Whole
	if c.line > 0 {
		part = Continued
	}
	if c.line += to - c.sent; more && c.line <= c.ring.longest() {
		part |= Begun
	} else {
		c.line = 0
	}
	c.append(part, to)
}

func (c *collector) append(part Part, to int) {
	// What is before the text, and may be still to be told, is lent for the header.
	var lent [HeaderSize]byte
	header := c.buf[c.sent-HeaderSize : c.sent]
	copy(lent[:], header)
	c.ring.append(c.stream, part, c.buf[c.sent-HeaderSize:to])
	copy(header, lent[:])
	c.sent = to
}

// longest is the length up to which no line is divided.
func (r *Ring) longest() int { return min(maxLine, r.part*parts/2) }
