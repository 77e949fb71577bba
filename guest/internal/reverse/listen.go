package reverse

import (
	"os"
	"time"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// longAgo is a deadline that interrupts what waits.
var longAgo = time.Unix(1, 0)

// queue is how many connections the kernel keeps for us.
const queue = 512

// listen listens on both loopbacks; a machine without IPv6 has one.
func listen(port int) (files []*os.File, err error) {
	for _, at := range []struct {
		family  int
		address unix.Sockaddr
	}{
		{unix.AF_INET, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}},
		{unix.AF_INET6, &unix.SockaddrInet6{Port: port, Addr: [16]byte{15: 1}}},
	} {
		f, err := listenOn(at.family, at.address)
		if len(files) > 0 && (err == unix.EADDRNOTAVAIL || err == unix.EAFNOSUPPORT) {
			continue
		}
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func listenOn(family int, address unix.Sockaddr) (*os.File, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err == nil && family == unix.AF_INET6 {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 1)
	}
	if err == nil {
		err = unix.Bind(fd, address)
	}
	if err == nil {
		err = restart.Call(func() error { return unix.Listen(fd, queue) })
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "listener"), nil
}

// accept hands each connection to take, until that says no more or the file's deadline passes.
func accept(f *os.File, take func(*os.File) bool) {
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	for {
		fd := -1
		waited := raw.Read(func(l uintptr) bool {
			fd, err = restart.Value(func() (int, error) {
				n, _, err := unix.Accept4(int(l), unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
				return n, err
			})
			return err != unix.EAGAIN
		})
		switch {
		case waited != nil:
			return
		case err == unix.ECONNABORTED:
		case err != nil:
			time.Sleep(100 * time.Millisecond) // no file is free for it: there is no event for one that becomes free
		case !take(os.NewFile(uintptr(fd), "socket")):
			return
		}
	}
}
