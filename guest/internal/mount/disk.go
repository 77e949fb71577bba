package mount

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"mvm/guest/internal/restart"
	"mvm/guest/internal/uevent"

	"golang.org/x/sys/unix"
)

// DiskPoint is where the disk is mounted before the root is pivoted; afterwards no path leads there.
const DiskPoint = "/mvm/disk"

// Disk is a mounted disk. It is held by descriptor, since no path leads to it from the final root.
type Disk struct{ fd int }

// MountDisk waits for the device and mounts it, while modules may still load: a kernel that lacks the file system is
// asked again when the channel is closed. The file system's journal is replayed by the kernel.
func MountDisk(device, kind string, events *uevent.Watcher, within time.Duration, modules <-chan struct{}) (*Disk, error) {
	if err := Wait(device, events, within); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(DiskPoint, 0o700); err != nil {
		return nil, err
	}
	err := mountWritable(device, kind)
	if err == unix.ENODEV {
		<-modules
		err = mountWritable(device, kind)
	}
	if err != nil {
		return nil, explain(device, kind, err)
	}
	fd, err := restart.Open(DiskPoint, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return &Disk{fd}, nil
}

func mountWritable(device, kind string) error {
	// lazytime and a late commit would lose what a user wrote; discard keeps the host's file sparse.
	err := restart.Mount(device, DiskPoint, kind, unix.MS_NOATIME|unix.MS_NODEV, "discard")
	if err == unix.EINVAL {
		err = restart.Mount(device, DiskPoint, kind, unix.MS_NOATIME|unix.MS_NODEV, "")
	}
	return err
}

// MountLower waits for the device that holds the image's root, and mounts it. Returns where.
func MountLower(device, kind string, events *uevent.Watcher, within time.Duration) (string, error) {
	if err := Wait(device, events, within); err != nil {
		return "", err
	}
	if err := os.MkdirAll(lowerPoint, 0o755); err != nil {
		return "", err
	}
	if err := restart.Mount(device, lowerPoint, kind, unix.MS_RDONLY|unix.MS_NOATIME|unix.MS_NODEV, ""); err != nil {
		return "", explain(device, kind, err)
	}
	return lowerPoint, nil
}

func explain(device, kind string, err error) error {
	switch err {
	case unix.EINVAL:
		return fmt.Errorf("the disk %s has no %s file system (EINVAL)", device, kind)
	case unix.ENODEV:
		return fmt.Errorf("the kernel cannot mount %s, which the disk %s should have (ENODEV)", kind, device)
	case unix.EBUSY:
		return fmt.Errorf("the disk %s is already in use (EBUSY)", device)
	case unix.EUCLEAN, unix.EIO:
		return fmt.Errorf("the %s file system on the disk %s is damaged (%s)", kind, device, unix.ErrnoName(err.(unix.Errno)))
	}
	return fmt.Errorf("the disk %s could not be mounted as %s: %w", device, kind, err)
}

// Wait waits for the device. The kernel makes its node a moment before it can be opened, and announces it afterwards.
func Wait(device string, events *uevent.Watcher, within time.Duration) error {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		changed := events.Changed("block")
		fd, err := restart.Open(device, unix.O_RDONLY|unix.O_CLOEXEC)
		if err == nil {
			unix.Close(fd) // for reading: nothing is lost by an error
			return nil
		}
		if err != unix.ENOENT && err != unix.ENXIO {
			return fmt.Errorf("the disk %s: %w", device, err)
		}
		select {
		case <-changed:
		case <-deadline.C:
			return fmt.Errorf("the disk %s did not appear within %s (there are: %s)", device, within, present())
		}
	}
}

// Forget drops every block of the device that the kernel has read, which it does when it looks for partitions: there will be
// others in their place.
func Forget(device string) error {
	fd, err := restart.Open(device, unix.O_RDONLY|unix.O_CLOEXEC)
	if err != nil {
		return fmt.Errorf("the disk %s: %w", device, err)
	}
	defer unix.Close(fd) // for reading: nothing is lost by an error
	if _, err := restart.Ioctl(fd, unix.BLKFLSBUF, 0); err != nil {
		return fmt.Errorf("forgetting what was read of the disk %s: %w", device, err)
	}
	return nil
}

func present() string {
	names, _ := filepath.Glob("/sys/class/block/*")
	if len(names) == 0 {
		return "none"
	}
	list := ""
	for _, n := range names {
		list += " " + filepath.Base(n)
	}
	return list[1:]
}

// Seal writes everything back and makes the disk read-only, so that its journal is empty afterwards.
func (d *Disk) Seal() error {
	if err := restart.Call(func() error { return unix.Syncfs(d.fd) }); err != nil {
		return fmt.Errorf("writing the disk back: %w", err)
	}
	path := fmt.Sprintf("/proc/self/fd/%d", d.fd)
	if err := restart.Mount("", path, "", unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOATIME|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("making the disk read-only: %w", err)
	}
	return nil
}
