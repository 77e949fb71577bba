package supervise

import (
	"os"
	"strconv"
	"strings"
	"time"

	"mvm/guest/internal/process"
)

// The kernel never kills PID 1 for lack of memory (oom_unkillable_task), so that the agent needs no
// oom_score_adj of its own, which its children would inherit.

// oomDelay is how long after the kernel counted a kill the process has ended at the latest.
const oomDelay = time.Second

// oomed has a value when the kernel may have killed one of the unit's processes.
func (u *unit) oomed() <-chan struct{} {
	if u.oom == nil {
		return nil
	}
	return u.oom.C
}

// noteOOM reports a process that was killed, unless that has been reported before.
func (u *unit) noteOOM() {
	n := u.group.OOMKills()
	if n == u.oomKills {
		return
	}
	u.oomKills, u.oomAt = n, time.Now()
	message := "the kernel killed one of its processes, because the VM is out of memory"
	u.s.Say("%s: %s", u.title(), message)
	u.update(func() {
		if u.state == Ready {
			u.message = message
		}
	})
}

// outOfMemory reports whether a process that ended was killed for lack of memory.
func (u *unit) outOfMemory(s process.Status) bool {
	if s.Signal != "KILL" {
		return false
	}
	if u.oom == nil {
		return u.s.machineOOM()
	}
	n := u.group.OOMKills()
	more := n > u.oomKills
	u.oomKills = n
	return more || time.Since(u.oomAt) < oomDelay
}

// machineOOM reports whether the kernel killed a process, of whomever, since it was last asked: all that is
// known where it does not count for each service.
func (s *Supervisor) machineOOM() bool {
	b, _ := os.ReadFile("/proc/vmstat")
	_, rest, _ := strings.Cut(string(b), "\noom_kill ")
	line, _, _ := strings.Cut(rest, "\n")
	n, _ := strconv.Atoi(line)
	s.mu.Lock()
	defer s.mu.Unlock()
	more := n > s.oomKills
	s.oomKills = n
	return more
}
