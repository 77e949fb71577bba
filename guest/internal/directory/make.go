// Package directory makes folders for users, on behalf of root.
package directory

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mvm/guest/internal/config"
	"mvm/guest/internal/process"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// Make makes the directory and what is missing above it, and gives it its mode and its owner: d.User, or user
// where it names none. What is above belongs to root. Users may own folders on the way and put symbolic links
// there: those of others than root are not followed.
func Make(d config.Directory, user string) error {
	if err := makeOne(d, user); err != nil {
		return fmt.Errorf("the directory %s: %w", d.Path, err)
	}
	return nil
}

func makeOne(d config.Directory, user string) error {
	if d.User != "" {
		user = d.User
	}
	owner, failure := process.FindUser(user)
	if failure != nil {
		return failure
	}
	mode := uint64(0o755)
	if d.Mode != "" {
		var err error
		if mode, err = strconv.ParseUint(d.Mode, 8, 12); err != nil {
			return fmt.Errorf("%q is not a mode", d.Mode)
		}
	}
	if !filepath.IsAbs(d.Path) {
		return fmt.Errorf("it is not an absolute path")
	}
	fd, err := walk(filepath.Clean(d.Path))
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if os.Getuid() == 0 {
		if err := restart.Call(func() error { return unix.Fchown(fd, int(owner.UID), int(owner.GID)) }); err != nil {
			return os.NewSyscallError("chown", err)
		}
	}
	return os.NewSyscallError("chmod", restart.Call(func() error { return unix.Fchmod(fd, uint32(mode)) }))
}

const open = unix.O_DIRECTORY | unix.O_CLOEXEC

// walk opens the directory, and makes it and its parents where they are missing.
func walk(path string) (int, error) {
	fd, err := restart.Open("/", open|unix.O_RDONLY)
	if err != nil {
		return -1, err
	}
	for _, name := range strings.Split(strings.Trim(path, "/"), "/") {
		if name == "" {
			break // "/" itself
		}
		next, err := step(fd, name)
		unix.Close(fd)
		if err != nil {
			return -1, fmt.Errorf("at %s: %w", name, err)
		}
		fd = next
	}
	return fd, nil
}

func step(parent int, name string) (int, error) {
	if err := restart.Call(func() error { return unix.Mkdirat(parent, name, 0o755) }); err != nil && err != unix.EEXIST {
		return -1, err
	}
	fd, err := restart.Openat(parent, name, open|unix.O_RDONLY|unix.O_NOFOLLOW)
	if err != unix.ELOOP && err != unix.ENOTDIR {
		return fd, err
	}
	var s unix.Stat_t
	if e := restart.Call(func() error { return unix.Fstatat(parent, name, &s, unix.AT_SYMLINK_NOFOLLOW) }); e != nil {
		return -1, e
	}
	if s.Mode&unix.S_IFMT != unix.S_IFLNK {
		return -1, err
	}
	if s.Uid != 0 {
		return -1, fmt.Errorf("a symbolic link that is not root's is in the way")
	}
	return restart.Openat(parent, name, open|unix.O_RDONLY)
}
