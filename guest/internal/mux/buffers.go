package mux

import "sync"

// smallPiece is the size in bytes up to which a piece gets memory of its own: a thousand streams of short questions hold
// as much as they say.
const smallPiece = 4096

// buffers hold what waits to be taken. A stream has one only while it has something.
var buffers = sync.Pool{New: func() any { return make([]byte, 0, FirstWindow) }}

func recycle(p []byte) {
	if cap(p) == FirstWindow {
		buffers.Put(p[:0])
	}
}
