package mount

import (
	"fmt"
	"os"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// InitrdRoot is the root of an image that brings it in its initrd.
const InitrdRoot = "/rootfs"

const (
	lowerPoint = "/mvm/lower"
	newRoot    = "/mvm/root"
	tmpfs      = "/mvm/upper"
)

// Root joins the image's root with what is written in this VM, and makes it the root of all processes. What is written
// is on the disk where one is given, else it ends with the boot. Strict: programs of the root gain nothing by setuid.
func Root(lower string, disk *Disk, strict bool) error {
	writable := tmpfs
	if disk != nil {
		writable = DiskPoint
	} else if err := mount(filesystem{"tmpfs", tmpfs, "mode=0755", unix.MS_NOATIME}); err != nil {
		return err
	}
	upper, work := writable+"/upper", writable+"/work"
	for _, d := range []string{upper, work, newRoot} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			return fmt.Errorf("making the root's folders: %w", err)
		}
	}
	flags := uintptr(unix.MS_NOATIME)
	if strict {
		flags |= unix.MS_NOSUID | unix.MS_NODEV
	}
	if err := overlay(lower, upper, work, flags); err != nil {
		return err
	}
	for _, d := range []string{"/dev", "/proc", "/sys"} {
		if err := os.MkdirAll(newRoot+d, 0o755); err != nil {
			return fmt.Errorf("making %s in the root: %w", d, err)
		}
		if err := restart.Mount(d, newRoot+d, "", unix.MS_MOVE, ""); err != nil {
			return fmt.Errorf("moving %s into the root: %w", d, err)
		}
	}
	return pivot()
}

func overlay(lower, upper, work string, flags uintptr) error {
	options := "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work
	// Folders of the image can then be renamed; without it the kernel answers EXDEV.
	err := restart.Mount("overlay", newRoot, "overlay", flags, options+",redirect_dir=on")
	if err == unix.EINVAL {
		err = restart.Mount("overlay", newRoot, "overlay", flags, options)
	}
	if err != nil {
		return fmt.Errorf("joining the image and the writable layer (overlay): %w", err)
	}
	return nil
}

// pivot makes the new root the root. The initramfs cannot be unmounted, so that it is covered, as
// switch_root does it; its files stay, they are the image.
func pivot() error {
	if err := unix.Chdir(newRoot); err != nil {
		return err
	}
	if err := restart.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("moving the root into place: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return unix.Chdir("/")
}

// SealRoot makes the root read-only.
func SealRoot() error {
	return restart.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NOATIME, "")
}
