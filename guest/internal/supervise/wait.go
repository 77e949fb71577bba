package supervise

import (
	"context"
	"strings"
	"time"

	"mvm/guest/internal/config"
	"mvm/guest/internal/probe"
)

// entrypointPatience is how long the entrypoint's program waits for the services at most.
const entrypointPatience = 2 * time.Minute

// awaitOthers waits until those are ready that the unit starts after; false where its life ends before that.
func (u *unit) awaitOthers(ctx context.Context) bool {
	if !u.last && len(u.after) == 0 {
		return ctx.Err() == nil
	}
	patience := make(<-chan time.Time)
	if u.last {
		t := time.NewTimer(entrypointPatience)
		defer t.Stop()
		patience = t.C
	}
	for {
		changed := u.s.notice.Changed()
		u.s.mu.Lock()
		names := u.blockers()
		message := ""
		if len(names) > 0 {
			message = "waits for " + strings.Join(names, ", ")
		}
		news := u.message != message
		u.message = message
		u.s.mu.Unlock()
		if len(names) == 0 {
			return ctx.Err() == nil
		}
		if news {
			u.s.notice.Tell()
		}
		select {
		case <-ctx.Done():
			return false
		case <-patience:
			return true
		case <-changed:
		}
	}
}

// blockers are those that the unit still waits for, each with its state where that is bad. s.mu is held.
func (u *unit) blockers() []string {
	var names []string
	if u.last {
		for _, other := range u.s.units {
			if !other.settled() {
				names = append(names, other.name)
			}
		}
		return names
	}
	for _, other := range u.after {
		switch {
		case other.fulfilled():
		case other.settled():
			names = append(names, other.name+" ("+other.state+")")
		default:
			names = append(names, other.name)
		}
	}
	return names
}

// fulfilled reports whether those behind the unit may start: it is ready, or its work is done: it has ended well, and is
// not started again. s.mu is held.
func (u *unit) fulfilled() bool {
	return u.state == Ready || u.state == Stopped && u.ended && u.status.Code == 0 && !u.byHost
}

// settled reports whether the unit is ready, or will not be soon. s.mu is held.
func (u *unit) settled() bool {
	switch u.state {
	case Ready, Failed, Stopped:
		return true
	case Running:
		return u.late
	case Backoff, Starting:
		return u.restarts >= 3
	case Waiting:
		for _, other := range u.after {
			if !other.fulfilled() && other.settled() {
				return true
			}
		}
	}
	return false
}

// awaitReady watches a process become ready.
func (u *unit) awaitReady(ctx context.Context, pid int) {
	r := u.spec.Ready
	patience := defaultReady
	if r.Timeout > 0 {
		patience = time.Duration(r.Timeout) * time.Second
	}
	late := func(err error) {
		message := "is not ready after " + words(patience) + ": " + err.Error()
		u.update(func() {
			if ctx.Err() == nil {
				u.late, u.message = true, message
			}
		})
		u.s.Say("%s %s", u.title(), message)
	}
	if u.until(ctx, r, patience, late) {
		u.update(func() {
			if ctx.Err() == nil && u.pid == pid {
				u.state, u.message, u.late = Ready, "", false
			}
		})
	}
}

func (u *unit) until(ctx context.Context, r *config.Ready, patience time.Duration, late func(error)) bool {
	switch {
	case r.File != "":
		return probe.UntilFile(ctx, r.File, u.s.Events, patience, late)
	case r.Port != 0:
		return probe.Until(ctx, probe.Port(r.Port), patience, late)
	case len(r.Command) > 0:
		c := u.command(r.Command)
		c.CgroupFD = 0 // what a check leaves behind is not the service's
		return probe.Until(ctx, probe.Command(u.s.Reaper, c), patience, late)
	}
	return true
}
