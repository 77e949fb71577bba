package channel

import (
	"encoding/binary"
	"sync"

	"mvm/guest/internal/protocol"
)

// firstCredit is what the host may send of stream 0 at once, in bytes. A quarter of it must have been consumed before
// the host hears of it.
const firstCredit = 65536

// Input is stream 0 of an operation: a queue bounded by the credit granted to the host.
type Input struct {
	mu       sync.Mutex
	changed  sync.Cond
	window   int // what is granted at first
	chunks   [][]byte
	credit   int // granted and not yet used
	consumed int // and not yet granted anew
	eof      bool
	closed   bool
}

// NewInput makes an input; nothing is granted before Grant.
func NewInput() *Input { return NewInputOf(firstCredit) }

// NewInputOf makes one of which the host may send so many bytes at once, at most 1 MiB.
func NewInputOf(window int) *Input {
	in := &Input{window: window}
	in.changed.L = &in.mu
	return in
}

// Grant lets the host send. It is called once, after STARTED.
func (in *Input) Grant(out *Sender) {
	in.mu.Lock()
	in.credit = in.window
	in.mu.Unlock()
	SendCredit(out, in.window)
}

// Put queues what the host sent. It does not block.
func (in *Input) Put(p []byte) error {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(p) > in.credit {
		return protocol.Violate("credit", "%d bytes of input where %d were granted", len(p), in.credit)
	}
	if in.eof {
		return protocol.Violate("order", "input after its end")
	}
	in.credit -= len(p)
	in.chunks = append(in.chunks, append([]byte(nil), p...))
	in.changed.Signal()
	return nil
}

// End marks the end of the input; what is queued is still delivered.
func (in *Input) End() {
	in.mu.Lock()
	in.eof = true
	in.changed.Broadcast()
	in.mu.Unlock()
}

// Close drops what is queued and ends Next.
func (in *Input) Close() {
	in.mu.Lock()
	in.closed, in.chunks = true, nil
	in.changed.Broadcast()
	in.mu.Unlock()
}

// Next waits for the next piece; ok is false when there is none any more.
func (in *Input) Next() (p []byte, ok bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.chunks) == 0 && !in.eof && !in.closed {
		in.changed.Wait()
	}
	if len(in.chunks) == 0 || in.closed {
		return nil, false
	}
	p = in.chunks[0]
	in.chunks = in.chunks[1:]
	return p, true
}

// Consumed notes that the process has read n bytes, and returns the credit that is now due to the host:
// the caller sends it with SendCredit. It is 0 while too little came together.
func (in *Input) Consumed(n int) int {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.consumed += n
	if in.consumed < in.window/4 || in.eof || in.closed {
		return 0
	}
	n = in.consumed
	in.consumed = 0
	in.credit += n
	return n
}

// SendCredit lets the host send n more bytes of stream 0. n = 0 sends nothing.
func SendCredit(out *Sender, n int) {
	if n == 0 {
		return
	}
	var p [4]byte
	binary.BigEndian.PutUint32(p[:], uint32(n))
	// A host that is gone needs no credit.
	_ = out.Send(protocol.Credit, 0, p[:])
}
