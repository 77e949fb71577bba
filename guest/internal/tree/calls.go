package tree

import (
	"os"
	"strconv"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// followNone opens what stands there, and no link to it; a FIFO without waiting for its other end.
const followNone = unix.O_NOFOLLOW | unix.O_CLOEXEC | unix.O_NONBLOCK

func openat(dir int, name string, flags int, mode uint32) (int, error) {
	return restart.Value(func() (int, error) { return unix.Openat(dir, name, flags, mode) })
}

func openFolder(dir int, name string) (int, error) {
	return openat(dir, name, unix.O_RDONLY|unix.O_DIRECTORY|followNone, 0)
}

func fstat(fd int) (st unix.Stat_t, err error) {
	err = restart.Call(func() error { return unix.Fstat(fd, &st) })
	return st, err
}

// statat does not follow a link.
func statat(dir int, name string) (st unix.Stat_t, err error) {
	err = restart.Call(func() error { return unix.Fstatat(dir, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	return st, err
}

func mkdirat(dir int, name string) error {
	return restart.Call(func() error { return unix.Mkdirat(dir, name, 0o700) })
}

func renameat(dir int, from, to string) error {
	return restart.Call(func() error { return unix.Renameat(dir, from, dir, to) })
}

func linkat(fromDir int, from string, dir int, to string) error {
	return restart.Call(func() error { return unix.Linkat(fromDir, from, dir, to, 0) })
}

func symlinkat(target string, dir int, name string) error {
	return restart.Call(func() error { return unix.Symlinkat(target, dir, name) })
}

func readlinkat(dir int, name string) (string, error) {
	b := make([]byte, MaxTarget+1)
	n, err := restart.Value(func() (int, error) { return unix.Readlinkat(dir, name, b) })
	return string(b[:max(n, 0)]), err
}

func fchmod(fd int, mode uint32) error {
	return restart.Call(func() error { return unix.Fchmod(fd, mode) })
}

func fchown(fd, uid, gid int) error {
	return restart.Call(func() error { return unix.Fchown(fd, uid, gid) })
}

// setTime sets the time of the last modification of an entry that may be a link; that of the last access is the same.
func setTime(dir int, name string, m Meta) error {
	t := unix.Timespec{Sec: m.Seconds, Nsec: int64(m.Nanoseconds)}
	return restart.Call(func() error {
		return unix.UtimesNanoAt(dir, name, []unix.Timespec{t, t}, unix.AT_SYMLINK_NOFOLLOW)
	})
}

func ftruncate(fd int, size int64) error {
	return restart.Call(func() error { return unix.Ftruncate(fd, size) })
}

func fdatasync(fd int) error { return restart.Call(func() error { return unix.Fdatasync(fd) }) }

func syncfs(fd int) error { return restart.Call(func() error { return unix.Syncfs(fd) }) }

func read(fd int, b []byte, at int64) (int, error) {
	return restart.Value(func() (int, error) { return unix.Pread(fd, b, at) })
}

func seek(fd int, offset int64, whence int) (int64, error) {
	return restart.Value(func() (int64, error) { return unix.Seek(fd, offset, whence) })
}

func closeFD(fd int) { _ = unix.Close(fd) }

// realPath is where an open file is, by the kernel's own words.
func realPath(fd int) string {
	path, _ := os.Readlink("/proc/self/fd/" + strconv.Itoa(fd))
	return path
}

// removeAll removes an entry of an open folder and all that is in it; it follows no link out of it.
func removeAll(dir int, name string) {
	err := restart.Call(func() error { return unix.Unlinkat(dir, name, 0) })
	if err == unix.EISDIR || err == unix.EPERM {
		_ = os.RemoveAll("/proc/self/fd/" + strconv.Itoa(dir) + "/" + name)
	}
}
