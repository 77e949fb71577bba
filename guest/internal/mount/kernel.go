// Package mount makes the guest's file systems: the kernel's own, the disk, and the root.
package mount

import (
	"fmt"
	"os"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

type filesystem struct {
	kind, target, options string
	flags                 uintptr
}

const (
	noexec = unix.MS_NOEXEC | unix.MS_NOSUID | unix.MS_NODEV
)

// homes are where the folders of users and services lie.
var homes = []string{"/home", "/var"}

// Devices mounts what the agent itself needs first.
func Devices() error {
	return all([]filesystem{
		{"proc", "/proc", "", noexec},
		{"sysfs", "/sys", "", noexec},
		{"devtmpfs", "/dev", "mode=0755", unix.MS_NOSUID},
	})
}

// InDevices mounts what processes expect below /dev and /sys; it moves along with these. Strict: nothing is run from where
// others than root can write.
func InDevices(strict bool) error {
	return all([]filesystem{
		{"devpts", "/dev/pts", "gid=5,mode=0620,ptmxmode=0666", unix.MS_NOEXEC | unix.MS_NOSUID},
		{"tmpfs", "/dev/shm", "mode=1777", unix.MS_NOSUID | unix.MS_NODEV | noPrograms(strict)},
		{"cgroup2", "/sys/fs/cgroup", "nsdelegate", noexec},
	})
}

func noPrograms(strict bool) uintptr {
	if strict {
		return unix.MS_NOEXEC
	}
	return 0
}

// Rest mounts what else processes expect, in the final root. Strict as for InDevices.
func Rest(strict bool) error {
	if err := all([]filesystem{
		{"tmpfs", "/run", "mode=0755", unix.MS_NOSUID | unix.MS_NODEV | noPrograms(strict)},
		{"tmpfs", "/tmp", "mode=1777", unix.MS_NOSUID | unix.MS_NODEV | noPrograms(strict)},
	}); err != nil {
		return err
	}
	for link, target := range map[string]string{
		"/dev/fd": "/proc/self/fd", "/dev/stdin": "/proc/self/fd/0", "/dev/stdout": "/proc/self/fd/1",
		"/dev/stderr": "/proc/self/fd/2", "/var/run": "/run",
	} {
		// Images may have their own, or no /var.
		_ = os.Symlink(target, link)
	}
	if !strict {
		return nil
	}
	for _, folder := range homes {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		err := bind(unix.AT_FDCWD, folder, folder, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
		if err != nil {
			return fmt.Errorf("mounting %s without programs: %w", folder, err)
		}
	}
	return nil
}

func all(list []filesystem) error {
	for _, f := range list {
		if err := mount(f); err != nil {
			return err
		}
	}
	return nil
}

func mount(f filesystem) error {
	err := restart.Mount(f.kind, f.target, f.kind, f.flags, f.options)
	if err == unix.ENOENT {
		if err := os.MkdirAll(f.target, 0o755); err != nil {
			return err
		}
		err = restart.Mount(f.kind, f.target, f.kind, f.flags, f.options)
	}
	// EBUSY: mounted already (devtmpfs by the kernel itself). ENODEV: a cgroup-less kernel is fine.
	if err == nil || err == unix.EBUSY || (err == unix.ENODEV && f.kind == "cgroup2") {
		return nil
	}
	return fmt.Errorf("mounting %s at %s: %w", f.kind, f.target, err)
}
