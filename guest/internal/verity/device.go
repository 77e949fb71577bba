// Package verity makes the block device through which the root is read, so that every block is checked against the
// root hash (dm-verity), and reports which block was wrong.
package verity

import (
	"encoding/hex"
	"fmt"
	"os"

	"mvm/guest/internal/config"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

const (
	control    = "/dev/mapper/control"
	deviceName = "mvm-root"
	blockSize  = 4096
)

// Device is the checked root.
type Device struct {
	Path    string // /dev/dm-N; the kernel makes the node
	control int
}

// Open makes the device. Both disks must be there.
func Open(data string, v *config.Verity) (*Device, error) {
	table, err := parameters(data, v)
	if err != nil {
		return nil, err
	}
	fd, err := restart.Open(control, unix.O_RDWR|unix.O_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("the kernel has no device-mapper (%s: %w)", control, err)
	}
	d := &Device{control: fd}
	if err := d.make(table, v.DataBlocks); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return d, nil
}

func (d *Device) make(table string, blocks uint64) error {
	create := newRequest(deviceName, flagReadOnly)
	if err := create.do(d.control, createDevice); err != nil {
		return fmt.Errorf("making the checked device: %w", err)
	}
	d.Path = fmt.Sprintf("/dev/dm-%d", create.minor())
	load := newRequest(deviceName, flagReadOnly)
	err := load.target("verity", blocks*(blockSize/512), table)
	if err == nil {
		err = load.do(d.control, loadTable)
	}
	if err == nil {
		err = newRequest(deviceName, flagReadOnly).do(d.control, resumeDevice)
	}
	if err == nil {
		return nil
	}
	_ = newRequest(deviceName, 0).do(d.control, removeDevice)
	if why := kernelWord(); why != "" {
		return fmt.Errorf("the kernel does not take the root's hash tree: %w (it says %q)", err, why)
	}
	return fmt.Errorf("the kernel does not take the root's hash tree: %w", err)
}

// parameters is the target's line (Documentation/admin-guide/device-mapper/verity.rst): format 1, the tree behind
// its superblock's block. What the kernel does with an unknown word in it is not tried.
func parameters(data string, v *config.Verity) (string, error) {
	for what, text := range map[string]string{"root hash": v.RootHash, "salt": v.Salt} {
		if b, err := hex.DecodeString(text); err != nil || len(b) != 32 {
			return "", fmt.Errorf("the root's %s is not 64 hex digits", what)
		}
	}
	// 2^40 blocks are 4 PiB: larger numbers would overflow further on.
	if v.DataBlocks == 0 || v.DataBlocks > 1<<40 {
		return "", fmt.Errorf("a root of %d blocks is not possible", v.DataBlocks)
	}
	return fmt.Sprintf("1 %s %s %d %d %d 1 sha256 %s %s",
		data, v.Device, blockSize, blockSize, v.DataBlocks, v.RootHash, v.Salt), nil
}

// Damaged says whether a block was found to be wrong since the device was made.
func (d *Device) Damaged() bool {
	r := newRequest(deviceName, 0)
	// "V" or "C"; a device that cannot be asked is not known to be damaged.
	return r.do(d.control, tableStatus) == nil && len(r.status()) > 0 && r.status()[0] == 'C'
}

// kernelWord is the device-mapper's last line in the kernel's log: an ioctl's error alone says little.
func kernelWord() string {
	b := make([]byte, 64<<10)
	n, err := restart.Value(func() (int, error) { return unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, b) })
	if err != nil {
		return ""
	}
	return lastLine(b[:n], "device-mapper: ")
}

// Supported says whether the kernel can check roots at all.
func Supported() bool {
	_, err := os.Stat(control)
	return err == nil
}
