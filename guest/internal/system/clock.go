package system

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// clockSlack is how far off the clock may be before it is set: a step confuses programs, and what is less than this is
// within what a host can tell.
const clockSlack = 20 * time.Millisecond

// SetClock sets the clock to a time that the host gave before the boot, where the guest has none or an older one.
func SetClock(unixMs int64) error {
	given := time.UnixMilli(unixMs)
	if given.Before(time.Now()) {
		return nil
	}
	return setClock(given)
}

// FollowClock sets the clock to the host's: host is what it said at a moment between after and before of this clock.
func FollowClock(host, after, before time.Time) error {
	if step := clockStep(host, after, before); step != 0 {
		return setClock(time.Now().Add(step))
	}
	return nil
}

// clockStep is by how much the clock is to be set, or 0 where it may be right.
func clockStep(host, after, before time.Time) time.Duration {
	middle := after.Add(before.Sub(after) / 2)
	// Round strips the monotonic reading: the clock may have been set in between, and its own time counts.
	step := host.Sub(middle.Round(0))
	if off := before.Sub(after)/2 + clockSlack; step >= -off && step <= off {
		return 0
	}
	return step
}

func setClock(t time.Time) error {
	v := unix.NsecToTimeval(t.UnixNano())
	return os.NewSyscallError("settimeofday", unix.Settimeofday(&v))
}
