package share

import (
	"encoding/binary"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// noticeEvent marks what is no notification of FUSE's: an event to be made.
const noticeEvent = 0x6d76

// The kinds of events, as in src/share/fuse/events.ts.
const (
	kindModify     = 1
	kindCreate     = 2
	kindDelete     = 3
	kindAttributes = 4
)

// eventFields are in front of an event's path: number (8), kind (4), mode (4), size (8).
const eventFields = 24

// events passes on what the host tells unasked, in its order, in a thread of its own: a notification may wait for a lock that
// only an answer releases. What that thread does in the share the host answers as if it was done (src/share/fuse/events.ts), so
// that the kernel tells those who watch the share.
type events struct {
	share *share

	mu      sync.Mutex
	changed sync.Cond
	queue   [][]byte
	ended   bool
}

func newEvents(sh *share) *events {
	e := &events{share: sh}
	e.changed.L = &e.mu
	return e
}

// start gives the number of the thread.
func (e *events) start() int {
	thread := make(chan int)
	guard.Go("the events of a share", func() {
		// Never unlocked: the thread ends with it, and its number is nobody else's.
		runtime.LockOSThread()
		thread <- unix.Gettid()
		for {
			p := e.next()
			if p == nil {
				return
			}
			if binary.LittleEndian.Uint32(p[4:]) != noticeEvent {
				// ENOENT: the kernel knows nothing of it.
				_ = restart.Call(func() error { _, err := unix.Write(e.share.fuse.fd, p); return err })
				continue
			}
			if len(p) < outHeader+eventFields {
				continue
			}
			number := binary.LittleEndian.Uint64(p[outHeader:])
			e.make(p[outHeader+8:])
			_ = e.share.send(message(opMade, number, 0, nil))
		}
	})
	return <-thread
}

func (e *events) add(p []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.queue = append(e.queue, p)
	e.changed.Signal()
}

func (e *events) stop() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	e.changed.Signal()
}

func (e *events) next() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.queue) == 0 && !e.ended {
		e.changed.Wait()
	}
	if e.ended {
		return nil
	}
	p := e.queue[0]
	e.queue = e.queue[1:]
	return p
}

// make does what was done on the host. What fails was not to be seen here.
func (e *events) make(p []byte) {
	kind, mode, size := binary.LittleEndian.Uint32(p), binary.LittleEndian.Uint32(p[4:]), binary.LittleEndian.Uint64(p[8:])
	name := p[16:]
	for len(name) > 0 && name[len(name)-1] == 0 {
		name = name[:len(name)-1]
	}
	path := filepath.Join(e.share.path, string(name))
	switch kind {
	case kindModify:
		save(path, size)
	case kindAttributes:
		_ = restart.Call(func() error { return unix.Fchmodat(unix.AT_FDCWD, path, mode&0o7777, unix.AT_SYMLINK_NOFOLLOW) })
	case kindDelete:
		if mode&unix.S_IFMT == unix.S_IFDIR {
			_ = restart.Call(func() error { return unix.Rmdir(path) })
		} else {
			_ = restart.Call(func() error { return unix.Unlink(path) })
		}
	case kindCreate:
		switch mode & unix.S_IFMT {
		case unix.S_IFDIR:
			_ = restart.Call(func() error { return unix.Mkdir(path, mode&0o777) })
		case unix.S_IFLNK:
			_ = restart.Call(func() error { return unix.Symlink("-", path) })
		case unix.S_IFREG:
			if restart.Call(func() error { return unix.Mknod(path, unix.S_IFREG|mode&0o777, 0) }) == nil {
				save(path, size)
			}
		}
	}
}

// save is what a program does that writes a file: it opens it, changes it, and closes it. No child is started meanwhile: it would have
// the descriptor, too, and may close it before it becomes its program (Go's ForkExec puts its files where they have room). Closing waits for
// the change, which waits for this agent, which stands still until the child has become its program.
func save(path string, size uint64) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fd, err := restart.Open(path, unix.O_WRONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		return
	}
	_ = restart.Call(func() error { return unix.Ftruncate(fd, int64(size)) })
	_ = unix.Close(fd)
}
