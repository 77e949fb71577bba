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
	// gone is set once the absence of a host was reported; it is reported once.
	gone bool
}

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
	return &Port{file: f, raw: raw, gone: true}, nil
}

// Read implements channel.Stream.
func (p *Port) Read(b []byte) (n int, err error) {
	waited := p.raw.Read(func(fd uintptr) bool {
		for {
			n, err = unix.Read(int(fd), b)
			switch {
			case err == unix.EINTR:
				continue
			case err == unix.EAGAIN:
				p.gone = false
				return false
			case err != nil:
				return true
			case n > 0:
				p.gone = false
				return true
			case p.gone:
				return false
			}
			p.gone, err = true, channel.ErrHostGone
			return true
		}
	})
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
