package supervise

import (
	"mvm/guest/internal/process"

	"golang.org/x/sys/unix"
)

// Ended reports how the entrypoint has ended: its program, or the last of the services that it is, with the
// first status that is not 0. ok is false while it may go on. A service that a host stopped may go on.
func (s *Supervisor) Ended() (status process.Status, why string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.started {
		return status, "", false
	}
	var first *unit
	for _, u := range s.all() {
		if !u.outward {
			continue
		}
		if u.life != nil || (u.byHost && !s.closing) {
			return status, "", false
		}
		if first == nil || (u.status.Code != 0 && (first.status.Code == 0 || u.endedAt.Before(first.endedAt))) {
			first = u
		}
	}
	switch {
	case first == nil:
		return process.Status{Code: 1}, "the image has none of its services", true
	case !first.ended: // it was stopped before it ran
		return process.Status{Code: 128 + int(unix.SIGTERM), Signal: "TERM"}, "it had not started", true
	}
	return first.status, first.message, true
}

// EntrypointPID is the process of the entrypoint's program; nil where there is none.
func (s *Supervisor) EntrypointPID() *int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entrypoint == nil || s.entrypoint.pid == 0 {
		return nil
	}
	pid := s.entrypoint.pid
	return &pid
}

// Signal sends a signal to the entrypoint: the program's process group, or the processes of its services.
func (s *Supervisor) Signal(sig unix.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, u := range s.all() {
		if !u.outward || u.pid == 0 {
			continue
		}
		if u.last {
			_ = unix.Kill(-u.pid, sig)
		} else {
			s.Reaper.Signal(u.pid, sig)
		}
	}
}
