package mux

import "sync"

// smallPiece is the size in bytes up to which a piece gets memory of its own: a thousand streams of short questions hold
// as much as they say.
const smallPiece = 4096

// buffers hold what waits to be taken. A stream has one only while it has something.
var buffers = sync.Pool{New: func() any { return make([]byte, 0, FirstWindow) }}

// pack appends p to the queue, behind what is in its last buffer: however small the pieces are that the host sends, a byte
// costs a byte.
func pack(queue [][]byte, p []byte) [][]byte {
	for len(p) > 0 {
		last := len(queue) - 1
		if last >= 0 && cap(queue[last]) > len(queue[last]) {
			b := queue[last]
			n := min(cap(b)-len(b), len(p))
			queue[last] = append(b, p[:n]...)
			p = p[n:]
			continue
		}
		if last < 0 && len(p) <= smallPiece {
			return append(queue, append([]byte(nil), p...))
		}
		queue = append(queue, buffers.Get().([]byte))
	}
	return queue
}

func recycle(p []byte) {
	if cap(p) == FirstWindow {
		buffers.Put(p[:0])
	}
}
