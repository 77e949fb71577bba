package mount

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// volumesFolder is on the disk; in it each volume has a folder that is named after its path.
const volumesFolder = "volumes"

// Volumes mounts folders of the disk at their paths in the final root, parents first. One that is not on the disk yet
// is empty, with the owner and the mode that the image's folder has.
func (d *Disk) Volumes(paths []string, strict bool) error {
	paths = slices.Sorted(slices.Values(paths))
	for _, p := range slices.Compact(paths) {
		if err := d.volume(p, strict); err != nil {
			return fmt.Errorf("the volume %s: %w", p, err)
		}
	}
	return nil
}

func (d *Disk) volume(at string, strict bool) error {
	if !path.IsAbs(at) || path.Clean(at) != at || at == "/" {
		return fmt.Errorf("it is not the absolute path of a folder")
	}
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	name := volumesFolder + "/" + folderName(at)
	if err := d.makeVolume(name, at); err != nil {
		return err
	}
	attributes := uint64(unix.MOUNT_ATTR_NOSUID | unix.MOUNT_ATTR_NODEV)
	if strict {
		attributes |= unix.MOUNT_ATTR_NOEXEC
	}
	return bind(d.fd, name, at, attributes)
}

// folderName makes a folder's name of a path: anything but a letter, digit or one of -_.~$&+:=@ is written as %XX.
func folderName(path string) string {
	const hex = "0123456789ABCDEF"
	var name []byte
	for _, c := range []byte(path) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~$&+:=@", c) >= 0:
			name = append(name, c)
		default:
			name = append(name, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(name)
}

// makeVolume makes the folder where it is missing. It gets its name when it is complete.
func (d *Disk) makeVolume(name, model string) error {
	var s unix.Stat_t
	err := restart.Call(func() error { return unix.Fstatat(d.fd, name, &s, unix.AT_SYMLINK_NOFOLLOW) })
	if err == nil {
		if s.Mode&unix.S_IFMT != unix.S_IFDIR {
			return fmt.Errorf("%s on the disk is not a folder", name)
		}
		return nil
	}
	if err != unix.ENOENT {
		return err
	}
	if err := restart.Call(func() error { return unix.Stat(model, &s) }); err != nil {
		return err
	}
	for _, folder := range []string{volumesFolder, name + ".new"} {
		if err := restart.Call(func() error { return unix.Mkdirat(d.fd, folder, 0o700) }); err != nil && err != unix.EEXIST {
			return err
		}
	}
	for _, step := range []func() error{
		func() error {
			return unix.Fchownat(d.fd, name+".new", int(s.Uid), int(s.Gid), unix.AT_SYMLINK_NOFOLLOW)
		},
		func() error { return unix.Fchmodat(d.fd, name+".new", s.Mode&0o7777, 0) },
		func() error { return unix.Renameat(d.fd, name+".new", d.fd, name) },
	} {
		if err := restart.Call(step); err != nil {
			return err
		}
	}
	return nil
}

// bind mounts a folder, by a descriptor and a path below it, at another path, with more restrictions.
func bind(dir int, name, at string, attributes uint64) error {
	tree, err := restart.Value(func() (int, error) {
		return unix.OpenTree(dir, name, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC|unix.AT_RECURSIVE)
	})
	if err != nil {
		return os.NewSyscallError("open_tree", err)
	}
	defer unix.Close(tree)
	err = restart.Call(func() error {
		return unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &unix.MountAttr{Attr_set: attributes})
	})
	if err != nil {
		return os.NewSyscallError("mount_setattr", err)
	}
	err = restart.Call(func() error {
		return unix.MoveMount(tree, "", unix.AT_FDCWD, at, unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_SYMLINKS)
	})
	return os.NewSyscallError("move_mount", err)
}
