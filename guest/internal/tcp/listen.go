package tcp

import (
	"os"
	"syscall"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// backlog is how many programs may wait to be accepted.
const backlog = 128

// Listener is a Unix socket that programs connect to.
type Listener struct {
	file *os.File
	raw  syscall.RawConn
}

// ListenUnix makes one.
func ListenUnix(path string) (*Listener, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	file := os.NewFile(uintptr(fd), path)
	if err = unix.Bind(fd, &unix.SockaddrUnix{Name: path}); err == nil {
		err = unix.Listen(fd, backlog)
	}
	var raw syscall.RawConn
	if err == nil {
		raw, err = file.SyscallConn()
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return &Listener{file, raw}, nil
}

// Accept waits for a program, until Close.
func (l *Listener) Accept() (*os.File, error) {
	var fd int
	var err error
	waited := l.raw.Read(func(listening uintptr) bool {
		fd, err = restart.Value(func() (int, error) {
			fd, _, err := unix.Accept4(int(listening), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
			return fd, err
		})
		return err != unix.EAGAIN
	})
	if waited != nil {
		return nil, waited
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "socket"), nil
}

// Close ends Accept.
func (l *Listener) Close() { l.file.Close() }
