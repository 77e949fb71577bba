// Package entrypoint is the operation `entrypoint`, and what follows when the entrypoint ends.
package entrypoint

import (
	"sync"
	"time"

	"mvm/guest/internal/logs"
	"mvm/guest/internal/notice"
)

const (
	// keep is how much output is kept for hosts that attach later, in bytes.
	keep = 256 << 10
	// backlog is how far a host may be behind before the program waits for it, in bytes of the ring.
	backlog = 128 << 10
	// patience is how long the program waits for a host that does not read.
	patience = 2 * time.Second
)

// output is what the entrypoint wrote.
type output struct {
	ring    *logs.Ring
	notice  notice.Notice
	prefix  bool // lines of services, each with its name in front; nothing waits for hosts
	mu      sync.Mutex
	changed sync.Cond
	written int64 // in bytes of the ring
	readers map[*reader]bool
	record  []byte
}

// reader is an attached host.
type reader struct {
	at      logs.Position
	taken   int64 // of what was written, what it has been sent or missed
	lagging bool
}

func newOutput(prefix bool) (*output, error) {
	o := &output{prefix: prefix, readers: map[*reader]bool{}}
	o.changed.L = &o.mu
	ring, err := logs.NewRing("output", keep, &o.notice)
	o.ring = ring
	return o, err
}

// write keeps output. Where hosts are far behind, it waits for them, unless it is the services' output.
func (o *output) write(unit string, stream uint8, text []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for len(text) > 0 {
		o.record = append(o.record[:0], make([]byte, logs.HeaderSize)...)
		if o.prefix {
			text = o.appendLines(unit, text)
		} else {
			n := min(len(text), logs.MaxText)
			o.record = append(o.record, text[:n]...)
			text = text[n:]
		}
		o.written += int64(len(o.record))
		o.ring.Append(stream, o.record)
		if !o.prefix && o.behind() {
			o.await()
		}
	}
}

func (o *output) behind() bool {
	for r := range o.readers {
		if !r.lagging && o.written-r.taken > backlog {
			return true
		}
	}
	return false
}

func (o *output) await() {
	timer := time.AfterFunc(patience, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		for r := range o.readers {
			r.lagging = r.lagging || o.written-r.taken > backlog
		}
		o.changed.Broadcast()
	})
	defer timer.Stop()
	for o.behind() {
		o.changed.Wait()
	}
}

func (o *output) attach() *reader {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := &reader{at: o.ring.Find(0), taken: max(0, o.written-keep)}
	o.readers[r] = true
	return r
}

func (o *output) detach(r *reader) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.readers, r)
	o.changed.Broadcast()
}

// read gives a host what is next. n = 0 says that it has all there is; missed that some was dropped unread.
func (o *output) read(r *reader, buf []byte) (n int, missed bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, missed = o.ring.Read(&r.at, buf)
	if n == 0 {
		r.taken, r.lagging = o.written, false
		o.changed.Broadcast()
	}
	return n, missed
}

// took says that a host has been sent a record with n bytes of output.
func (o *output) took(r *reader, n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	r.taken += int64(logs.HeaderSize + n)
	o.changed.Broadcast()
}
