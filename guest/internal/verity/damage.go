package verity

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"mvm/guest/internal/uevent"
)

// Damage is a block that is not what the root hash says.
type Damage struct {
	// Tree: the block is one of the hash tree, else one of the root.
	Tree bool
	// Block counts blocks of 4096 bytes; -1 if the kernel reported only that there is one.
	Block int64
}

func (d Damage) Error() string {
	switch {
	case d.Block < 0:
		return "verity: the image's root (rootfs.erofs) is damaged: a block does not have the hash that the image says"
	case d.Tree:
		return fmt.Sprintf("verity: block %d of the hash tree (rootfs.verity, byte %d on) is damaged, or does not belong to the image's root hash",
			d.Block, d.Block*blockSize)
	}
	return fmt.Sprintf("verity: block %d of the image's root (rootfs.erofs, byte %d on) is damaged: it does not have the hash that the image says",
		d.Block, d.Block*blockSize)
}

// Watch reports damage. The kernel announces it before the reader of the block gets EIO.
type Watch struct {
	mu     sync.Mutex
	device *Device
	first  *Damage
	found  chan struct{}
}

// NewWatch begins to listen. Call it before the device is made.
func NewWatch(events *uevent.Watcher) *Watch {
	w := &Watch{found: make(chan struct{})}
	events.On("DM_VERITY_ERR_BLOCK_NR", w.heard)
	return w
}

// Attach tells the device to ask where announcements were lost.
func (w *Watch) Attach(d *Device) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.device = d
}

// Found is closed at the first damage.
func (w *Watch) Found() <-chan struct{} { return w.found }

// First is the first damage that was found, or nil.
func (w *Watch) First() *Damage {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.first
}

// announced bounds the way of an announcement that the kernel has made.
const announced = time.Second

// Explain is the damage behind an error, or the error.
func (w *Watch) Explain(err error) error {
	w.mu.Lock()
	d := w.device
	w.mu.Unlock()
	if d == nil || !d.Damaged() {
		return err
	}
	t := time.NewTimer(announced)
	defer t.Stop()
	select {
	case <-w.found:
	case <-t.C:
		w.note(Damage{Block: -1})
	}
	return *w.First()
}

// heard takes "0,BLOCK" for the root and "1,BLOCK" for the tree (drivers/md/dm-verity-target.c).
func (w *Watch) heard(value string) {
	if value == "" {
		w.mu.Lock()
		d := w.device
		w.mu.Unlock()
		if d != nil && d.Damaged() {
			w.note(Damage{Block: -1})
		}
		return
	}
	kind, number, _ := strings.Cut(value, ",")
	block, err := strconv.ParseInt(number, 10, 64)
	if err != nil || block < 0 {
		block = -1
	}
	w.note(Damage{Tree: kind == "1", Block: block})
}

func (w *Watch) note(d Damage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.first == nil {
		w.first = &d
		close(w.found)
	}
}

// lastLine is what stands behind the last occurrence of a word in the kernel's log.
func lastLine(log []byte, word string) string {
	at := bytes.LastIndex(log, []byte(word))
	if at < 0 {
		return ""
	}
	line, _, _ := bytes.Cut(log[at+len(word):], []byte("\n"))
	return string(line)
}
