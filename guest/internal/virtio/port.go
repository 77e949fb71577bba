// Package virtio opens virtio-serial ports: the channels under QEMU.
package virtio

import (
	"io"
	"os"
	"syscall"
	"time"

	"mvm/guest/internal/channel"

	"golang.org/x/sys/unix"
)

// Port is an open virtio-serial port. Linux allows a port one opener at a time.
//
// What the driver does on a non-blocking port (drivers/char/virtio_console.c): read returns 0 while no
// host is connected, EAGAIN while one is and has sent nothing; write returns EAGAIN in either case. Each
// change wakes the pollers.
type Port struct {
	file *os.File
	raw  syscall.RawConn
	host presence
}

// presence is what is known of the host. A port's data and the announcement of its host come by different
// queues: data can be there before the host is, as the driver sees it.
type presence uint8

const (
	absent  presence = iota // and reported to be
	unsure                  // data came, and nothing else
	present                 // the driver has seen it
)

// announcement is how long after its data a host may be announced. One that is not by then came and went.
const announcement = time.Second

// Open opens a port's device node.
func Open(path string) (*Port, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	f := os.NewFile(uintptr(fd), path)
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Port{file: f, raw: raw}, nil
}

// Read implements channel.Stream.
func (p *Port) Read(b []byte) (n int, err error) {
	timed := false
	waited := p.raw.Read(func(fd uintptr) bool {
		for {
			n, err = unix.Read(int(fd), b)
			switch {
			case err == unix.EINTR:
				continue
			case err == unix.EAGAIN:
				p.host = present
				if timed {
					timed = false
					p.file.SetReadDeadline(time.Time{})
				}
				return false
			case err != nil:
				return true
			case n > 0:
				if p.host == absent {
					p.host = unsure
				}
				return true
			case p.host == present:
				p.host, err = absent, channel.ErrHostGone
				return true
			case p.host == unsure && !timed:
				timed = true
				p.file.SetReadDeadline(time.Now().Add(announcement))
			}
			return false
		}
	})
	if timed {
		p.file.SetReadDeadline(time.Time{})
		if os.IsTimeout(waited) {
			p.host = absent
			return 0, channel.ErrHostGone
		}
	}
	if waited != nil {
		return 0, waited
	}
	return max(n, 0), err
}

// Write implements channel.Stream.
func (p *Port) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return n, err
}

// SetWriteDeadline implements channel.Stream.
func (p *Port) SetWriteDeadline(t time.Time) error { return p.file.SetWriteDeadline(t) }
