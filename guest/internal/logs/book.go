package logs

import (
	"sync"

	"mvm/guest/internal/notice"
)

// Machine is what the logs end with.
type Machine interface {
	// Attend makes the end of the machine wait until leave is called, for a while.
	Attend() (leave func())
	// Over is closed when nothing that writes is left.
	Over() <-chan struct{}
}

// Book has all logs. The zero value is ready for use.
type Book struct {
	// Machine may be nil: then nobody who follows learns of an end.
	Machine Machine

	notice notice.Notice
	mu     sync.Mutex
	logs   []named
}

type named struct {
	name string
	ring *Ring
}

// Add makes a log of about size bytes (0: 2 MiB).
func (b *Book) Add(name string, size int) (*Ring, error) {
	ring, err := NewRing(name, size, &b.notice)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.logs = append(b.logs, named{name, ring})
	return ring, nil
}

// find returns one log, or all where no name is given.
func (b *Book) find(name string) []named {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == "" {
		return b.logs[:len(b.logs):len(b.logs)]
	}
	for _, l := range b.logs {
		if l.name == name {
			return []named{l}
		}
	}
	return nil
}

// tailBytes bounds what Tail returns.
const tailBytes = 4 << 10

// Tail returns the last lines of a log, as the operation `logs` writes them, at most 4 KiB.
func (b *Book) Tail(name string, lines int) string {
	var out []byte
	none := int64(0)
	found := b.find(name)
	for _, l := range found {
		l.ring.settle()
	}
	for c := range merge(found, int64(lines), true).records {
		out = c.append(out, 0, &none, "")
	}
	if len(out) > tailBytes {
		out = out[len(out)-tailBytes:]
	}
	return string(out)
}
