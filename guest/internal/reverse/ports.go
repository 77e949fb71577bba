// Package reverse listens on ports of this machine's loopback on behalf of a host, which picks up each connection with a
// stream of its own. The host says which port of it that is, and the machine can't say otherwise: it names none.
package reverse

import (
	"encoding/json"
	"errors"
	"os"
	"sync"
	"time"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/listeners"
	"mvm/guest/internal/mux"

	"golang.org/x/sys/unix"
)

const (
	// mostPending is how many connections of a port wait for the host; others wait in the kernel's queue.
	mostPending = 64
	// patience is how long one waits.
	patience = 10 * time.Second
)

// Ports are the connections that wait for their host.
type Ports struct {
	mu      sync.Mutex
	pending map[uint64]*waiting
	last    uint64
}

type waiting struct {
	file  *os.File
	slot  chan struct{}
	timer *time.Timer
}

type line struct {
	Listening  bool   `json:"listening,omitempty"`
	Error      string `json:"error,omitempty"`
	Holder     string `json:"holder,omitempty"`
	Connection uint64 `json:"connection,omitempty"`
}

// Listen listens on a port until the stream is over, and writes a line of JSON when it does, or why it can't, and for each
// connection.
func (p *Ports) Listen(s *mux.Stream, port int) {
	var writing sync.Mutex
	say := func(l line) error {
		writing.Lock()
		defer writing.Unlock()
		b, _ := json.Marshal(l)
		return s.Write(append(b, '\n'))
	}
	files, err := listen(port)
	if err != nil {
		l := line{Error: err.Error()}
		if errors.Is(err, unix.EADDRINUSE) {
			l = line{Error: "in_use", Holder: listeners.Holder(port)}
		}
		_ = say(l)
		_ = s.CloseWrite()
		return
	}
	over := make(chan struct{})
	s.OnAbort(func() {
		close(over)
		for _, f := range files {
			_ = f.SetDeadline(longAgo)
		}
	})
	slots := make(chan struct{}, mostPending)
	var all sync.WaitGroup
	for _, f := range files {
		all.Add(1)
		guard.Go("a port of the host", func() {
			defer all.Done()
			defer f.Close()
			accept(f, func(c *os.File) bool {
				select {
				case slots <- struct{}{}:
				case <-over:
					c.Close()
					return false
				}
				return say(line{Connection: p.put(c, slots)}) == nil
			})
		})
	}
	_ = say(line{Listening: true})
	all.Wait()
}

// put keeps a connection until it is taken, or for as long as it may wait.
func (p *Ports) put(f *os.File, slot chan struct{}) uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.pending == nil {
		p.pending = map[uint64]*waiting{}
	}
	p.last++
	n := p.last
	p.pending[n] = &waiting{f, slot, time.AfterFunc(patience, func() {
		if f := p.Take(n); f != nil {
			f.Close()
		}
	})}
	return n
}

// Take is the connection of a number; nil where there is none any more.
func (p *Ports) Take(n uint64) *os.File {
	p.mu.Lock()
	w := p.pending[n]
	delete(p.pending, n)
	p.mu.Unlock()
	if w == nil {
		return nil
	}
	w.timer.Stop()
	<-w.slot
	return w.file
}
