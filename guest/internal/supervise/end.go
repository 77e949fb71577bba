package supervise

import (
	"fmt"
	"time"

	"mvm/guest/internal/process"

	"golang.org/x/sys/unix"
)

// killWait bounds the wait for processes after KILL: one that hangs in the kernel must not stop it all.
const killWait = 2 * time.Second

// terminate ends a process as the unit's declaration says: its signal, its time, KILL. What it started gets
// TERM when it has ended itself, and the rest of the time.
func (u *unit) terminate(r *run, began time.Time) ending {
	deadline := time.Now().Add(u.timeout)
	u.s.Reaper.Signal(r.pid, u.signal)
	u.s.Reaper.Signal(r.pid, unix.SIGCONT)
	t := time.NewTimer(u.timeout)
	defer t.Stop()
	end := ending{status: process.Status{Code: 128 + int(unix.SIGKILL), Signal: "KILL"}}
	select {
	case end.status = <-r.ended:
		u.sweep(r.pid, time.Until(deadline))
	case <-t.C:
		end.late = "did not end within " + words(u.timeout) + " of " + process.SignalName(u.signal) + " and was killed"
		u.kill(r.pid)
		t.Reset(killWait)
		select {
		case end.status = <-r.ended:
		case <-t.C:
			u.s.Say("%s: process %d does not end", u.title(), r.pid)
		}
		u.sweep(r.pid, 0)
	}
	end.ran = time.Since(began)
	end.why = describe(end.status, end.ran)
	return end
}

// sweep ends what a process left behind, after the grace where that is not 0, and says how many there were.
func (u *unit) sweep(pid int, grace time.Duration) string {
	if !u.alive(pid) {
		return ""
	}
	left := "processes"
	if u.group != nil {
		left = fmt.Sprintf("%d of its processes", len(u.group.PIDs()))
	}
	if grace > 0 {
		u.signalAll(pid, unix.SIGTERM)
		u.signalAll(pid, unix.SIGCONT)
		if u.empty(pid, grace) {
			return ""
		}
	}
	u.kill(pid)
	if !u.empty(pid, killWait) {
		u.s.Say("%s: processes do not end", u.title())
	}
	return ", and left " + left + " behind, which were killed: a service runs in the foreground"
}

// killAll kills whatever there is of the unit.
func (u *unit) killAll() {
	u.s.mu.Lock()
	pid := u.pid
	u.s.mu.Unlock()
	u.kill(pid)
}

// Without cgroups the process group stands for the unit; what left it cannot be found.

func (u *unit) alive(pid int) bool {
	if u.group != nil {
		return u.group.Populated()
	}
	return unix.Kill(-pid, 0) == nil
}

func (u *unit) signalAll(pid int, sig unix.Signal) {
	if u.group != nil {
		u.group.Signal(sig)
	} else {
		_ = unix.Kill(-pid, sig)
	}
}

func (u *unit) kill(pid int) {
	if u.group != nil {
		u.group.Kill()
	} else if pid > 1 {
		_ = unix.Kill(-pid, unix.SIGKILL)
	}
}

func (u *unit) empty(pid int, within time.Duration) bool {
	if u.group != nil {
		return u.group.Empty(within)
	}
	// Nothing reports when a process group is gone.
	for end := time.Now().Add(within); u.alive(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			return false
		}
	}
	return true
}
