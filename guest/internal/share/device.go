package share

import (
	"encoding/binary"
	"fmt"
	"os"
	"syscall"
	"time"

	"mvm/guest/internal/mux"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// together is how much of what the kernel asks is sent at once, in bytes.
const together = 64 << 10

// flushTime bounds how long the end of the machine waits for a host that may be gone.
const flushTime = 2 * time.Second

// device is an open /dev/fuse, and the file system behind it.
type device struct {
	file *os.File
	raw  syscall.RawConn
	fd   int // file's, whose Fd would make it one that blocks
}

// mountFuse mounts a file system at a path, which is made where it is missing.
func mountFuse(path string, readOnly bool) (*device, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	fd, err := restart.Open("/dev/fuse", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("/dev/fuse: %w", err)
	}
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV)
	if readOnly {
		flags |= unix.MS_RDONLY
	}
	options := fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd)
	if err := restart.Mount("mvm", path, "fuse.mvm", flags, options); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("mounting %s: %w", path, err)
	}
	// Only now: before it is mounted nothing would wake whoever waits for it.
	file := os.NewFile(uintptr(fd), "/dev/fuse")
	raw, err := file.SyscallConn()
	if err != nil {
		file.Close()
		return nil, err
	}
	return &device{file: file, raw: raw, fd: fd}, nil
}

// forward sends what the kernel asks until it is interrupted, or the file system is gone. What it has read by then the
// kernel asks again (FUSE_NOTIFY_RESEND), as the next host wants it.
func (d *device) forward(send func([]byte) error) {
	buffer := make([]byte, 0, together+2*maxMessage)
	for {
		var failure error
		waited := d.raw.Read(func(fd uintptr) bool {
			for len(buffer) < together {
				n, err := restart.Read(int(fd), buffer[len(buffer):cap(buffer)])
				switch {
				case err == unix.EAGAIN && len(buffer) == 0:
					return false
				case err == unix.EAGAIN:
					return true
				case err == unix.ENOENT: // interrupted while it was read
					continue
				case err != nil:
					failure = err
					return true
				}
				buffer = buffer[:len(buffer)+n]
			}
			return true
		})
		if len(buffer) > 0 && send(buffer) != nil {
			return
		}
		buffer = buffer[:0]
		if waited != nil || failure != nil {
			return
		}
	}
}

// interrupt ends forward.
func (d *device) interrupt() {
	_ = d.file.SetReadDeadline(time.Now())
}

// answer gives the kernel what the host sends, and others its notices; it returns when the host is gone.
func (d *device) answer(s *mux.Stream, notice func([]byte)) {
	_ = d.file.SetReadDeadline(time.Time{})
	var whole []byte
	for {
		piece := s.Take()
		if piece == nil {
			return
		}
		rest := piece
		for len(rest) > 0 {
			var done bool
			whole, rest, done = assemble(whole, rest)
			if !done {
				continue
			}
			length := len(whole)
			if length < outHeader || length > maxMessage {
				s.Reset("bad_request")
				return
			}
			if binary.LittleEndian.Uint64(whole[8:]) == 0 {
				notice(append([]byte(nil), whole...))
			} else {
				// ENOENT: whoever asked was killed meanwhile.
				_, _ = restart.Write(d.fd, whole)
			}
			whole = whole[:0]
		}
		if s.Taken(piece) != nil {
			return
		}
	}
}

// assemble adds to a message what belongs to it. A length that can't be is whole at once.
func assemble(whole, rest []byte) (grown, left []byte, done bool) {
	if len(whole) < 4 {
		n := min(4-len(whole), len(rest))
		whole, rest = append(whole, rest[:n]...), rest[n:]
		if len(whole) < 4 {
			return whole, rest, false
		}
	}
	length := int(binary.LittleEndian.Uint32(whole))
	if length < outHeader || length > maxMessage {
		return whole, rest, true
	}
	n := min(length-len(whole), len(rest))
	whole, rest = append(whole, rest[:n]...), rest[n:]
	return whole, rest, len(whole) == length
}

// awaitUse returns when the host has answered for the first time, and reads ahead as far as a message carries.
func (d *device) awaitUse(path string) (number uint64, err error) {
	var st unix.Stat_t
	if err := restart.Call(func() error { return unix.Stat(path, &st) }); err != nil {
		return 0, err
	}
	ahead := fmt.Sprintf("/sys/class/bdi/%d:%d/read_ahead_kb", unix.Major(st.Dev), unix.Minor(st.Dev))
	// Without it, files are read in smaller pieces.
	_ = os.WriteFile(ahead, []byte("1024"), 0)
	return uint64(st.Dev), nil
}

func (d *device) unmount(path string) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		fd, err := restart.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
		if err == nil {
			_ = restart.Call(func() error { return unix.Syncfs(fd) })
			_ = unix.Close(fd)
		}
	}()
	select {
	case <-done:
	case <-time.After(flushTime):
	}
	// MNT_FORCE ends what waits for a host.
	_ = restart.Call(func() error { return unix.Unmount(path, unix.MNT_FORCE|unix.MNT_DETACH) })
}
