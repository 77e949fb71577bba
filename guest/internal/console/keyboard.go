package console

import (
	"os"
	"sync"
)

// maxOrphaned is how much input of attachments that left is still delivered to a shell that does not
// read, in bytes.
const maxOrphaned = 256 << 10

// keyboard delivers the input of all attachments in the order in which it came.
type keyboard struct {
	mu      sync.Mutex
	changed sync.Cond
	queue   []keys
	size    int
	closed  bool
}

type keys struct {
	from  *attachment
	bytes []byte
}

func newKeyboard(terminal *os.File) *keyboard {
	k := &keyboard{}
	k.changed.L = &k.mu
	go k.deliver(terminal)
	return k
}

// put queues input. Its size is bounded by the credit of its attachment.
func (k *keyboard) put(from *attachment, p []byte) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		return
	}
	k.queue = append(k.queue, keys{from, p})
	k.size += len(p)
	k.changed.Signal()
}

// orphan is called when an attachment leaves. What it typed is still delivered, unless the shell has not
// read for so long that attaching again and again would fill the memory.
func (k *keyboard) orphan(a *attachment) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.size <= maxOrphaned {
		return
	}
	kept := k.queue[:0]
	for _, q := range k.queue {
		if q.from == a {
			k.size -= len(q.bytes)
		} else {
			kept = append(kept, q)
		}
	}
	k.queue = kept
}

func (k *keyboard) close() {
	k.mu.Lock()
	k.closed, k.queue = true, nil
	k.changed.Signal()
	k.mu.Unlock()
}

func (k *keyboard) deliver(terminal *os.File) {
	for {
		k.mu.Lock()
		for len(k.queue) == 0 && !k.closed {
			k.changed.Wait()
		}
		if k.closed {
			k.mu.Unlock()
			return
		}
		next := k.queue[0]
		k.queue = k.queue[1:]
		k.mu.Unlock()
		// It fails only where the terminal was closed, and then the session ends.
		_, _ = terminal.Write(next.bytes)
		k.mu.Lock()
		k.size -= len(next.bytes)
		k.mu.Unlock()
		next.from.typed(len(next.bytes))
	}
}
