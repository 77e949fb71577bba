// Package system sets what the kernel leaves to user space.
package system

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// clockSlack is how far behind the clock may be before it is set: a guest with a clock device is right
// already, and a step would only confuse.
const clockSlack = 5 * time.Second

// SetClock sets a clock that is behind the time the host gave. It never sets it back.
func SetClock(unixMs int64) error {
	given := time.UnixMilli(unixMs)
	if given.Sub(time.Now()) < clockSlack {
		return nil
	}
	t := unix.NsecToTimeval(given.UnixNano())
	return os.NewSyscallError("settimeofday", unix.Settimeofday(&t))
}

// Tune sets limits and kernel parameters. A kernel without one of them is fine.
func Tune() {
	for file, value := range map[string]string{
		"/proc/sys/net/ipv4/ping_group_range": "0 2147483647", // ping without privileges
		"/proc/sys/fs/protected_hardlinks":    "1",
		"/proc/sys/fs/protected_symlinks":     "1",
	} {
		_ = os.WriteFile(file, []byte(value), 0o644)
	}
	// Ctrl-Alt-Del becomes INT to PID 1.
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF)
	// Servers and builds need more than 4096 files; what expects 1024 as the usual limit still finds it.
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1024, Max: 524288})
}
