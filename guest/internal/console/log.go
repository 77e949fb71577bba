package console

import (
	"mvm/guest/internal/console/vt"
	"mvm/guest/internal/protocol"
)

// keep is how much output a session remembers for those who attach later, in bytes.
const keep = 1 << 20

// segment is output written at one size of the terminal; it makes one DATA frame. Bytes once written are
// never changed, so that a reader may hold a segment without the session's lock.
type segment struct {
	rows, cols uint16
	data       []byte
}

// history is the end of a session's output. Positions count bytes since the session's start.
type history struct {
	segments   []segment
	start, end int64
	dropped    vt.Tracker // what the bytes before start did to the terminal
	limit      int
}

func (h *history) append(p []byte, rows, cols uint16) {
	for len(p) > 0 {
		n := len(h.segments)
		if n == 0 || h.segments[n-1].rows != rows || h.segments[n-1].cols != cols || len(h.segments[n-1].data) == cap(h.segments[n-1].data) {
			h.segments = append(h.segments, segment{rows: rows, cols: cols, data: newBlock(n)})
			n++
		}
		s := &h.segments[n-1]
		take := min(len(p), cap(s.data)-len(s.data))
		s.data = append(s.data, p[:take]...)
		h.end += int64(take)
		p = p[take:]
	}
	h.trim()
}

// newBlock makes room for a segment: little for a session's first lines.
func newBlock(segments int) []byte {
	if segments < 4 {
		return make([]byte, 0, 4096)
	}
	return make([]byte, 0, protocol.DataChunk)
}

// trim drops the oldest output beyond the limit, up to where no escape sequence and no character is cut.
func (h *history) trim() {
	limit := h.limit
	if limit == 0 {
		limit = keep
	}
	for len(h.segments) > 0 && (h.end-h.start > int64(limit) || !h.dropped.AtBoundary()) {
		s := &h.segments[0]
		n := len(s.data)
		if over := h.end - h.start - int64(limit); over < int64(n) {
			n = h.dropped.FeedToBoundary(s.data, int(max(over, 0)))
		} else {
			h.dropped.Feed(s.data)
		}
		h.start += int64(n)
		s.data = s.data[n:]
		if len(s.data) > 0 {
			return
		}
		h.segments = h.segments[1:]
	}
}

// at returns output from a position on, as far as one segment goes. ok is false where it was dropped.
func (h *history) at(position int64) (p []byte, ok bool) {
	if position < h.start {
		return nil, false
	}
	begin := h.start
	for _, s := range h.segments {
		if end := begin + int64(len(s.data)); position < end {
			return s.data[position-begin : len(s.data) : len(s.data)], true
		}
		begin += int64(len(s.data))
	}
	return nil, true
}

// snapshot returns what restores the terminal: the modes in force before the first piece, and the pieces.
func (h *history) snapshot() []segment {
	var out []segment
	if modes := h.dropped.Restore(); len(modes) > 0 && len(h.segments) > 0 {
		out = append(out, segment{rows: h.segments[0].rows, cols: h.segments[0].cols, data: modes})
	}
	return append(out, h.segments...)
}
