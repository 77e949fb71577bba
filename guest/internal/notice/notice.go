// Package notice wakes those who wait for a change, however many and however often.
package notice

import "sync"

// Notice is notified of changes. The zero value is ready for use.
type Notice struct {
	mu sync.Mutex
	c  chan struct{}
}

// Changed returns a channel that is closed at the next change. To miss nothing, call it before looking.
func (n *Notice) Changed() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.c == nil {
		n.c = make(chan struct{})
	}
	return n.c
}

// Tell wakes all who wait. It costs almost nothing if there are none.
func (n *Notice) Tell() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.c != nil {
		close(n.c)
		n.c = nil
	}
}
