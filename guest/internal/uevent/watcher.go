// Package uevent listens to the kernel's announcements of devices. There is no udev in the guest.
package uevent

import (
	"bytes"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Watcher reports when devices of a subsystem come or change.
type Watcher struct {
	mu      sync.Mutex
	waiting map[string]chan struct{}
	heard   map[string]func(value string)
	file    *os.File
}

// Watch begins to listen. A device that a look at /sys after Watch does not show is announced later.
func Watch() (*Watcher, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, os.NewSyscallError("socket(NETLINK_KOBJECT_UEVENT)", err)
	}
	// Group 1 is the kernel's. Loading modules causes bursts.
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, 1<<20)
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("bind(NETLINK_KOBJECT_UEVENT)", err)
	}
	w := &Watcher{waiting: map[string]chan struct{}{}, heard: map[string]func(string){}, file: os.NewFile(uintptr(fd), "uevents")}
	go w.read()
	return w, nil
}

// Close stops listening.
func (w *Watcher) Close() { w.file.Close() }

// Changed returns a channel that is closed at the subsystem's next event. To miss nothing, call it before
// looking.
func (w *Watcher) Changed(subsystem string) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.waiting[subsystem]
	if c == nil {
		c = make(chan struct{})
		w.waiting[subsystem] = c
	}
	return c
}

// On calls f with the value of the field in each event that has it, and with "" where events were lost. One f for a
// field; it must not block.
func (w *Watcher) On(field string, f func(value string)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard[field] = f
}

func (w *Watcher) read() {
	buf := make([]byte, 8192)
	for {
		n, err := w.file.Read(buf)
		switch {
		case err == nil:
			w.wake(field(buf[:n], "SUBSYSTEM"))
			w.tell(buf[:n])
		case overrun(err):
			// Events were lost: everyone looks again.
			w.wakeAll()
			w.tell(nil)
		default:
			w.wakeAll()
			return
		}
	}
}

func overrun(err error) bool {
	e, ok := err.(*os.PathError)
	return ok && e.Err == unix.ENOBUFS
}

func (w *Watcher) wake(subsystem string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.waiting[subsystem]; c != nil {
		close(c)
		delete(w.waiting, subsystem)
	}
}

func (w *Watcher) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for s, c := range w.waiting {
		close(c)
		delete(w.waiting, s)
	}
}

// tell calls those who wait for fields. Without a message, for what it may have been.
func (w *Watcher) tell(message []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for name, f := range w.heard {
		if message == nil {
			f("")
		} else if value := field(message, name); value != "" {
			f(value)
		}
	}
}

// field reads a message: "add@/devices/…" and then NUL-separated KEY=value pairs.
func field(message []byte, name string) string {
	for _, pair := range bytes.Split(message, []byte{0}) {
		if key, value, _ := bytes.Cut(pair, []byte("=")); string(key) == name {
			return string(value)
		}
	}
	return ""
}
