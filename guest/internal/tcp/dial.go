// Package tcp connects to ports of this machine. The package net would cost the agent half a megabyte, and each boot
// some milliseconds.
package tcp

import (
	"context"
	"os"
	"time"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// longAgo is a deadline that interrupts what waits.
var longAgo = time.Unix(1, 0)

// Dial connects to a port on the machine's loopback, IPv4 before IPv6. The error is the system's, of the last attempt.
func Dial(ctx context.Context, port int) (*os.File, error) {
	f, err := dial(ctx, unix.AF_INET, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	if err == nil || ctx.Err() != nil {
		return f, err
	}
	return dial(ctx, unix.AF_INET6, &unix.SockaddrInet6{Port: port, Addr: [16]byte{15: 1}})
}

func dial(ctx context.Context, family int, to unix.Sockaddr) (connected *os.File, err error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err = unix.Connect(fd, to); err != unix.EINPROGRESS && err != nil {
		unix.Close(fd)
		return nil, os.NewSyscallError("connect", err)
	}
	file := os.NewFile(uintptr(fd), "socket")
	defer func() {
		if connected == nil {
			// Whoever listens may have accepted it by now: a connection that was broken off is no end.
			_ = unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			file.Close()
		}
	}()
	stop := context.AfterFunc(ctx, func() { _ = file.SetWriteDeadline(longAgo) })
	defer stop()
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	var outcome error
	err = raw.Write(func(fd uintptr) bool {
		// Asked each time: what came before the wait began wakes nobody.
		ready := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		if n, err := restart.Value(func() (int, error) { return unix.Poll(ready, 0) }); err != nil || n == 0 {
			return false
		}
		code, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		if outcome = err; err == nil && code != 0 {
			outcome = unix.Errno(code)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if outcome != nil {
		return nil, outcome
	}
	return file, nil
}
