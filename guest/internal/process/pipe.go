package process

import (
	"os"

	"golang.org/x/sys/unix"
)

// Pipe makes a pipe of which only our end is non-blocking: programs expect theirs to block.
func Pipe(weRead bool) (theirs, ours *os.File, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, nil, os.NewSyscallError("pipe2", err)
	}
	our, their := fds[1], fds[0]
	if weRead {
		our, their = fds[0], fds[1]
	}
	if err := unix.SetNonblock(our, true); err != nil {
		unix.Close(our)
		unix.Close(their)
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(their), "pipe"), os.NewFile(uintptr(our), "pipe"), nil
}
