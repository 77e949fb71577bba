// Package inotify reports changes of files, through one descriptor for the whole agent.
package inotify

import (
	"encoding/binary"
	"os"
	"sync"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// Watcher receives events from the kernel.
type Watcher struct {
	mu      sync.Mutex
	fd      int // of file: its method would make it blocking
	file    *os.File
	watches map[int32][]*Watch
}

// Watch is one watched path. C gets a value after changes; several changes may be one value.
type Watch struct {
	C  chan struct{}
	of *Watcher
	wd int32
}

// New makes a watcher.
func New() (*Watcher, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, os.NewSyscallError("inotify_init1", err)
	}
	w := &Watcher{fd: fd, file: os.NewFile(uintptr(fd), "inotify"), watches: map[int32][]*Watch{}}
	go w.read()
	return w, nil
}

// Close ends all watches.
func (w *Watcher) Close() { w.file.Close() }

// Add watches a path for the events of mask (unix.IN_…).
func (w *Watcher) Add(path string, mask uint32) (*Watch, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// A path that is watched already keeps its events.
	wd, err := restart.Value(func() (int, error) { return unix.InotifyAddWatch(w.fd, path, mask|unix.IN_MASK_ADD) })
	if err != nil {
		return nil, &os.PathError{Op: "watching", Path: path, Err: err}
	}
	watch := &Watch{C: make(chan struct{}, 1), of: w, wd: int32(wd)}
	w.watches[watch.wd] = append(w.watches[watch.wd], watch)
	return watch, nil
}

// Close ends the watch.
func (a *Watch) Close() {
	w := a.of
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.watches[a.wd]
	for i, other := range list {
		if other == a {
			w.watches[a.wd] = append(list[:i:i], list[i+1:]...)
			if len(list) == 1 {
				delete(w.watches, a.wd)
				// It fails only where the path is gone, and the watch with it.
				_, _ = unix.InotifyRmWatch(w.fd, uint32(a.wd))
			}
			return
		}
	}
}

func (w *Watcher) read() {
	buf := make([]byte, 4096)
	for {
		n, err := w.file.Read(buf)
		if err != nil {
			return
		}
		w.dispatch(buf[:n])
	}
}

func (w *Watcher) dispatch(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(b) >= unix.SizeofInotifyEvent {
		wd := int32(binary.NativeEndian.Uint32(b))
		mask := binary.NativeEndian.Uint32(b[4:])
		name := int(binary.NativeEndian.Uint32(b[12:]))
		b = b[min(len(b), unix.SizeofInotifyEvent+name):]
		if mask&unix.IN_Q_OVERFLOW != 0 {
			// Events were lost: everyone looks again.
			for _, list := range w.watches {
				wake(list)
			}
			continue
		}
		wake(w.watches[wd])
	}
}

func wake(list []*Watch) {
	for _, a := range list {
		select {
		case a.C <- struct{}{}:
		default:
		}
	}
}
