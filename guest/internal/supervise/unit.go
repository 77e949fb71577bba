package supervise

import (
	"context"
	"strings"
	"time"

	"mvm/guest/internal/cgroup"
	"mvm/guest/internal/config"
	"mvm/guest/internal/guard"
	"mvm/guest/internal/inotify"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/process"

	"golang.org/x/sys/unix"
)

// The values of `restart`; an empty one is always.
const (
	restartNo        = "no"
	restartOnFailure = "on-failure"
)

const (
	defaultStop  = 10 * time.Second
	defaultReady = 60 * time.Second
)

// unit is a service, or the entrypoint's program.
type unit struct {
	s       *Supervisor
	name    string
	spec    config.Service
	after   []*unit
	broken  string // why it can never start
	last    bool   // it starts behind all others: the entrypoint's program
	outward bool   // it is the entrypoint, or one of the services that are
	signal  unix.Signal
	timeout time.Duration // from signal to KILL

	log *logs.Ring

	// Of the unit's goroutine.
	group    *cgroup.Group
	oom      *inotify.Watch
	oomKills int       // seen so far
	oomAt    time.Time // when the last of them was seen

	// Guarded by s.mu.
	state    string
	message  string
	late     bool // not ready in time
	pid      int
	since    time.Time
	restarts int
	ended    bool // status is valid
	status   process.Status
	endedAt  time.Time
	life     *life
	byHost   bool // a host stopped it
}

// life is one time between start and stop, restarts included.
type life struct {
	end  context.CancelFunc
	done chan struct{}
}

func newUnit(s *Supervisor, name string, spec config.Service) *unit {
	u := &unit{s: s, name: name, spec: spec, state: Stopped, signal: unix.SIGTERM, timeout: defaultStop}
	var err error
	if u.log, err = s.Logs.Add(name, spec.Log.MaxBytes); err != nil {
		u.broken = "there is no log for it: " + err.Error()
	}
	if len(spec.Command) == 0 || spec.Command[0] == "" {
		u.broken = "it has no command"
	}
	if spec.Signal != "" {
		if u.signal = unix.SignalNum("SIG" + strings.TrimPrefix(spec.Signal, "SIG")); u.signal == 0 {
			u.broken = "there is no signal " + spec.Signal
		}
	}
	if spec.Timeout != nil {
		u.timeout = time.Duration(*spec.Timeout) * time.Second
	}
	return u
}

// begin starts the unit's life, unless it lives or the machine goes down. s.mu is held.
func (u *unit) begin() {
	if u.life != nil || u.s.closing {
		return
	}
	u.byHost, u.late = false, false
	if u.broken != "" {
		u.state, u.message, u.ended, u.status = Failed, u.broken, true, process.Status{Code: 1}
		u.endedAt = time.Now()
		u.s.notice.Tell()
		u.s.Say("%s: %s", u.title(), u.broken)
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	u.life = &life{cancel, make(chan struct{})}
	u.state, u.message = Waiting, ""
	u.s.notice.Tell()
	go u.live(ctx, u.life)
}

// stop asks for the life's end. The channel is closed when nothing of the unit runs any more. s.mu is held.
func (u *unit) stop() <-chan struct{} {
	if u.life == nil {
		over := make(chan struct{})
		close(over)
		return over
	}
	u.life.end()
	return u.life.done
}

func (u *unit) live(ctx context.Context, l *life) {
	if err := guard.Run(u.title(), func() { u.repeat(ctx) }); err != nil {
		_ = guard.Run(u.title(), u.killAll)
		u.update(func() { u.state, u.message = Failed, err.Error() })
	}
	l.end()
	u.update(func() { u.life, u.pid = nil, 0 })
	close(l.done)
}

func (u *unit) update(f func()) {
	u.s.mu.Lock()
	f()
	u.s.mu.Unlock()
	u.s.notice.Tell()
}

// title is how messages of the agent name the unit.
func (u *unit) title() string {
	if u.last {
		return EntrypointName
	}
	return "service " + u.name
}
