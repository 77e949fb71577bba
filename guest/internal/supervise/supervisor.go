// Package supervise starts services and the entrypoint's program, restarts and stops them, and knows how
// they are.
package supervise

import (
	"slices"
	"sync"

	"mvm/guest/internal/cgroup"
	"mvm/guest/internal/config"
	"mvm/guest/internal/inotify"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/notice"
	"mvm/guest/internal/process"
)

// EntrypointName is the name of the entrypoint's program among the units and the logs.
const EntrypointName = "entrypoint"

// Options are what a supervisor works with.
type Options struct {
	Image  *config.Image
	Env    map[string]string // the VM's, over the image's
	Reaper *process.Reaper
	Logs   *logs.Book
	Events *inotify.Watcher
	Groups *cgroup.Tree // nil where the kernel has no cgroup v2
	// Output gets what the entrypoint's program writes, as it comes, or the lines of the services that are the
	// entrypoint. It may be nil.
	Output func(unit string, stream uint8, text []byte)
	Say    func(format string, args ...any)
	// Health is asked for the state of the health checks.
	Health func() any
}

// Supervisor has all units.
type Supervisor struct {
	Options
	notice notice.Notice

	mu         sync.Mutex
	units      []*unit // services in the order of their start
	byName     map[string]*unit
	entrypoint *unit // nil unless it is a program
	started    bool
	closing    bool // nothing starts any more
	oomKills   int  // of the whole machine, seen so far
}

// New makes a supervisor; nothing runs yet. A service that cannot be is a failed unit, no error.
func New(o Options) *Supervisor {
	s := &Supervisor{Options: o, byName: map[string]*unit{}}
	names, circles := order(o.Image.Services)
	for _, name := range names {
		u := newUnit(s, name, o.Image.Services[name])
		s.units = append(s.units, u)
		s.byName[name] = u
		if circle := circles[name]; circle != "" {
			u.broken = "`after` goes in a circle: " + circle
		}
	}
	for _, u := range s.units {
		for _, other := range u.spec.After {
			if dependency := s.byName[other]; dependency != nil {
				u.after = append(u.after, dependency)
			} else {
				u.broken = "`after` names " + other + ", which is not a service"
			}
		}
	}
	e := o.Image.Entrypoint
	if e.Kind == config.KindCommand {
		s.entrypoint = newUnit(s, EntrypointName, config.Service{
			Command: e.Argv, User: e.User, WorkingDirectory: e.WorkingDirectory, Restart: restartNo, Stop: e.Stop,
		})
		s.entrypoint.last = true
	}
	for _, u := range s.all() {
		u.outward = u.last || (e.Kind == config.KindServices && (len(e.Services) == 0 || slices.Contains(e.Services, u.name)))
	}
	return s
}

// Start starts everything, and returns at once.
func (s *Supervisor) Start() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = true
	for _, u := range s.all() {
		u.begin()
	}
}

func (s *Supervisor) all() []*unit {
	if s.entrypoint == nil {
		return s.units
	}
	return append(s.units[:len(s.units):len(s.units)], s.entrypoint)
}

// Changed returns a channel that is closed at the next change of any unit.
func (s *Supervisor) Changed() <-chan struct{} { return s.notice.Changed() }

// Tell says that something that State reports has changed.
func (s *Supervisor) Tell() { s.notice.Tell() }
