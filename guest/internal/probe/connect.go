package probe

import (
	"context"
	"os"
	"time"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// connect makes a TCP connection and closes it. The package net would cost the agent half a megabyte, and each boot
// some milliseconds.
func connect(ctx context.Context, family int, to unix.Sockaddr) error {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	if err = unix.Connect(fd, to); err != unix.EINPROGRESS {
		unix.Close(fd)
		return os.NewSyscallError("connect", err)
	}
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close()
	stop := context.AfterFunc(ctx, func() { _ = file.SetWriteDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := file.SyscallConn()
	if err != nil {
		return err
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
		return err
	}
	return outcome
}
