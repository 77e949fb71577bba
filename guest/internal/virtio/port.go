// Package virtio opens virtio-serial ports: the channels under QEMU.
package virtio

import (
	"os"
	"syscall"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/restart"

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
	fd   int // file's; ports are never closed
	host presence
}

// presence is what is known of the host. A port's data and the coming and going of its host reach the driver
// by different queues: a new host's first bytes may be read before the driver has seen that the last one
// closed, and before it has seen the new one. So "no host is connected" is believed only when it lasts.
type presence uint8

const (
	absent  presence = iota // and reported to be
	present                 // sent data, or was seen
)

// announcement is how long the news of a host may lag behind its data. One that is not seen by then is gone.
const announcement = time.Second

// Open opens a port's device node.
func Open(path string) (*Port, error) {
	fd, err := restart.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return newPort(fd, path)
}

func newPort(fd int, path string) (*Port, error) {
	f := os.NewFile(uintptr(fd), path)
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Port{file: f, raw: raw, fd: fd}, nil
}

// Read implements channel.Stream.
func (p *Port) Read(b []byte) (n int, err error) {
	for {
		n, err, decided := p.wait(b)
		if decided {
			return n, err
		}
		// That a host is announced wakes writers, not readers: look again.
		p.file.SetReadDeadline(time.Time{})
		if n, err = read(p.fd, b); n == 0 && err == nil {
			p.host = absent
			return 0, channel.ErrHostGone
		}
		if n > 0 {
			return n, nil
		}
		if err == unix.EAGAIN {
			p.host = present
		}
	}
}

// wait reads as soon as there is anything to be read. It comes back undecided where no host was seen for as
// long as announcement.
func (p *Port) wait(b []byte) (n int, err error, decided bool) {
	timed := false
	waited := p.raw.Read(func(fd uintptr) bool {
		n, err = read(int(fd), b)
		switch {
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
			p.host = present
			return true
		case p.host == present && !timed:
			timed = true
			p.file.SetReadDeadline(time.Now().Add(announcement))
		}
		return false
	})
	if os.IsTimeout(waited) {
		return 0, nil, false
	}
	if timed {
		p.file.SetReadDeadline(time.Time{})
	}
	if waited != nil {
		return 0, waited, true
	}
	return max(n, 0), err, true
}

// page is the most that a port hands out at once, in bytes.
const page = 4096

// read takes as many pages as there are: whoever is told of each by itself does a page's work each time.
func read(fd int, b []byte) (int, error) {
	n, err := restart.Read(fd, b)
	for err == nil && n > 0 && n%page == 0 && n < len(b) {
		more, failure := restart.Read(fd, b[n:])
		if failure != nil || more <= 0 {
			break // asked again, it says so again
		}
		n += more
	}
	return n, err
}

// Write implements channel.Stream.
func (p *Port) Write(b []byte) (int, error) {
	written := 0
	var err error
	waited := p.raw.Write(func(fd uintptr) bool {
		for written < len(b) {
			n, failure := restart.Write(int(fd), b[written:])
			if failure == unix.EAGAIN {
				return false
			}
			if err = failure; err != nil {
				return true
			}
			written += n
		}
		return true
	})
	if err == nil {
		err = waited
	}
	return written, err
}

// SetWriteDeadline implements channel.Stream.
func (p *Port) SetWriteDeadline(t time.Time) error { return p.file.SetWriteDeadline(t) }
