package supervise

import (
	"strings"
	"time"
)

// The states of a unit.
const (
	Waiting  = "waiting"  // for those it starts after
	Starting = "starting" // its preparations run
	Running  = "running"  // its readiness is awaited; with a message: for longer than it should take
	Ready    = "ready"
	Backoff  = "backoff" // it ended, and is started again in a moment
	Stopping = "stopping"
	Stopped  = "stopped"
	Failed   = "failed"
)

// Unit is the state of a service or the entrypoint, as reported to hosts.
type Unit struct {
	Name     string  `json:"name"`
	State    string  `json:"state"`
	PID      *int    `json:"pid"`
	Restarts int     `json:"restarts"`
	UptimeMs *int64  `json:"uptimeMs"`
	Status   *int    `json:"status"` // of the last end; nil before the first
	Signal   *string `json:"signal"`
	Message  string  `json:"message"`
	Preset   *string `json:"preset"`
	User     string  `json:"user"`
}

// State is everything that is reported to hosts.
type State struct {
	Entrypoint   *Unit  `json:"entrypoint"`
	Services     []Unit `json:"services"` // in the order of their start
	HealthChecks any    `json:"healthChecks"`
}

// State is how all units are now.
func (s *Supervisor) State() State {
	s.mu.Lock()
	state := State{Services: []Unit{}, HealthChecks: []any{}}
	for _, u := range s.units {
		state.Services = append(state.Services, u.public())
	}
	if s.entrypoint != nil {
		e := s.entrypoint.public()
		state.Entrypoint = &e
	}
	s.mu.Unlock()
	if s.Health != nil {
		state.HealthChecks = s.Health()
	}
	return state
}

// Unit is how one unit is now; ok is false where there is no such service.
func (s *Supervisor) Unit(name string) (state Unit, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.byName[name]
	if u == nil {
		return Unit{}, false
	}
	return u.public(), true
}

// messageBytes bounds a message.
const messageBytes = 500

func bounded(s string) string {
	if len(s) <= messageBytes {
		return s
	}
	return strings.ToValidUTF8(s[:messageBytes-len("…")], "") + "…"
}

func (u *unit) public() Unit {
	user := u.spec.User
	if user == "" {
		user = "root"
	}
	p := Unit{Name: u.name, State: u.state, Restarts: u.restarts, Message: bounded(u.message), User: user}
	if u.spec.Preset != "" {
		p.Preset = &u.spec.Preset
	}
	if u.pid != 0 {
		pid, ms := u.pid, time.Since(u.since).Milliseconds()
		p.PID, p.UptimeMs = &pid, &ms
	}
	if u.ended {
		status, signal := u.status.Code, u.status.Signal
		p.Status = &status
		if signal != "" {
			p.Signal = &signal
		}
	}
	return p
}
