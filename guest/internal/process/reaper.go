// Package process starts and reaps processes. As PID 1 the agent is the parent of every orphan, so that
// all children are reaped in one place.
package process

import (
	"os"
	"os/signal"
	"sync"
	"syscall"

	"mvm/guest/internal/restart"
)

// Status is how a process ended.
type Status struct {
	Code   int    // 0 to 255; 128+n after signal n
	Signal string // a name without SIG, or empty
}

// Reaper collects the status of every child.
type Reaper struct {
	// mu is held while a process is started, so that its end is never seen before it is registered.
	mu      sync.Mutex
	waiting map[int]chan Status
	none    chan struct{} // closed when there is no child left
	// WorkDir is where people work in this machine; empty where there is no such place. May be nil.
	WorkDir func() string
	// Shared tells whether files of a device are read through this agent. May be nil.
	Shared func(device uint64) bool
}

// Dir is the directory in which a program that people start begins: the one that they name, else where they work.
func (r *Reaper) Dir(named string) string {
	if named != "" || r.WorkDir == nil {
		return named
	}
	return r.WorkDir()
}

// NewReaper makes a reaper and begins to collect. There can be one in a program, which must wait for
// children in no other way.
func NewReaper() *Reaper {
	r := &Reaper{waiting: map[int]chan Status{}}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	go func() {
		for range ended {
			r.collect()
		}
	}()
	r.collect()
	return r
}

// Start starts a process. Its status arrives on the channel.
func (r *Reaper) Start(path string, argv []string, attr *syscall.ProcAttr) (pid int, ended <-chan Status, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	pid, err = syscall.ForkExec(path, argv, attr)
	if err != nil {
		return 0, nil, err
	}
	c := make(chan Status, 1)
	r.waiting[pid] = c
	return pid, c, nil
}

// Signal sends a signal to a process, unless it has been reaped: its number may be another's by then.
func (r *Reaper) Signal(pid int, sig syscall.Signal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting[pid] != nil {
		_ = syscall.Kill(pid, sig)
	}
}

// Childless returns a channel that is closed when no child is left.
func (r *Reaper) Childless() <-chan struct{} {
	r.mu.Lock()
	if r.none == nil {
		r.none = make(chan struct{})
	}
	none := r.none
	r.mu.Unlock()
	r.collect()
	return none
}

func (r *Reaper) collect() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		var ws syscall.WaitStatus
		pid, err := restart.Value(func() (int, error) { return syscall.Wait4(-1, &ws, syscall.WNOHANG, nil) })
		switch {
		case err == syscall.ECHILD && r.none != nil:
			close(r.none)
			r.none = nil
			return
		case err != nil || pid <= 0:
			return
		}
		if c := r.waiting[pid]; c != nil && (ws.Exited() || ws.Signaled()) {
			c <- status(ws)
			delete(r.waiting, pid)
		}
	}
}

func status(ws syscall.WaitStatus) Status {
	if ws.Signaled() {
		return Status{Code: 128 + int(ws.Signal()), Signal: SignalName(ws.Signal())}
	}
	return Status{Code: ws.ExitStatus()}
}
