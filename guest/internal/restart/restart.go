// Package restart makes system calls again that a signal interrupted. Go's runtime sends its threads SIGURG at any moment
// (it preempts goroutines with it), children's ends bring SIGCHLD, and the handlers' SA_RESTART does not help where the
// kernel still returns EINTR: poll, a module that another loads, some devices. os retries on its own; the packages
// unix and syscall never do, so that a call of theirs that may wait is made through here (audit_test.go holds to that).
package restart

import (
	"io"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Call calls f until a signal does not interrupt it.
func Call(f func() error) error {
	for {
		if err := f(); err != unix.EINTR {
			return err
		}
	}
}

// Value is Call where f has a result.
func Value[T any](f func() (T, error)) (T, error) {
	for {
		if v, err := f(); err != unix.EINTR {
			return v, err
		}
	}
}

// Open is unix.Open.
func Open(path string, flags int) (int, error) {
	return Value(func() (int, error) { return unix.Open(path, flags, 0) })
}

// Mount is unix.Mount.
func Mount(source, target, kind string, flags uintptr, options string) error {
	return Call(func() error { return unix.Mount(source, target, kind, flags, options) })
}

// Openat is unix.Openat.
func Openat(dir int, path string, flags int) (int, error) {
	return Value(func() (int, error) { return unix.Openat(dir, path, flags, 0) })
}

// Ioctl is ioctl(2) with a number, or an address of which the conversion is in the call, as its argument.
//
//go:uintptrescapes
func Ioctl(fd int, request, argument uintptr) (uintptr, error) {
	return Value(func() (uintptr, error) {
		n, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, argument)
		if errno != 0 {
			return 0, errno
		}
		return n, nil
	})
}

// PwriteAll writes all of b at the offset: a write may take less than it was given.
func PwriteAll(fd int, b []byte, offset int64) error {
	for len(b) > 0 {
		n, err := Value(func() (int, error) { return unix.Pwrite(fd, b, offset) })
		if err != nil {
			return err
		}
		if n == 0 {
			return io.ErrShortWrite
		}
		b, offset = b[n:], offset+int64(n)
	}
	return nil
}

// PreadAll fills b from the offset, or up to the file's end.
func PreadAll(fd int, b []byte, offset int64) (int, error) {
	read := 0
	for read < len(b) {
		n, err := Value(func() (int, error) { return unix.Pread(fd, b[read:], offset+int64(read)) })
		if err != nil {
			return read, err
		}
		if n == 0 {
			break
		}
		read += n
	}
	return read, nil
}

// Read reads from a descriptor that does not block, and Write writes to one, without telling Go's scheduler: a call that
// is told of costs more than it does itself where a guest is emulated, as the scheduler takes each for one that may wait,
// and gives the CPU to another thread.
func Read(fd int, b []byte) (int, error) { return transfer(unix.SYS_READ, fd, b) }

// Write is as Read.
func Write(fd int, b []byte) (int, error) { return transfer(unix.SYS_WRITE, fd, b) }

func transfer(call uintptr, fd int, b []byte) (int, error) {
	return Value(func() (int, error) {
		n, _, errno := unix.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		if errno != 0 {
			return 0, errno
		}
		return int(n), nil
	})
}
