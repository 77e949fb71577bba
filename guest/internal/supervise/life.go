package supervise

import (
	"context"
	"fmt"
	"time"

	"mvm/guest/internal/process"
)

// ending is how one run of a unit went.
type ending struct {
	status process.Status
	why    string // in words; empty where nothing ran
	late   string // why it was killed when it was to stop
	ran    time.Duration
}

// repeat runs the unit, and again as its `restart` says, until its life is ended.
func (u *unit) repeat(ctx context.Context) {
	if !u.awaitOthers(ctx) {
		u.update(func() { u.state, u.message = Stopped, "" })
		return
	}
	var pause backoff
	for {
		end := u.once(ctx)
		again := ctx.Err() == nil && u.again(end)
		d := time.Duration(0)
		if again {
			d = pause.after(end.ran)
		}
		if u.last && end.ran == 0 && end.why != "" && u.s.Output != nil {
			// An attached host sees it in place of the program's output.
			u.s.Output(u.name, 2, []byte("mvm: the entrypoint "+end.why+"\n"))
		}
		u.update(func() { u.note(ctx, end, d) })
		if !again {
			return
		}
		if d == firstPause {
			u.s.Say("%s %s; restarting", u.title(), end.why)
		}
		t := time.NewTimer(d)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			u.update(func() { u.state, u.message = Stopped, "" })
			return
		}
		u.update(func() { u.restarts++ })
	}
}

func (u *unit) again(end ending) bool {
	switch u.spec.Restart {
	case restartNo:
		return false
	case restartOnFailure:
		return end.status.Code != 0
	}
	return true
}

// note records how a run ended. s.mu is held.
func (u *unit) note(ctx context.Context, end ending, pause time.Duration) {
	u.pid, u.late = 0, false
	u.endedAt = time.Now()
	if end.why != "" {
		u.ended, u.status = true, end.status
	}
	switch {
	case ctx.Err() != nil:
		u.state, u.message = Stopped, end.late
	case pause > 0:
		u.state, u.message = Backoff, fmt.Sprintf("%s; it will be restarted in %s", end.why, words(pause))
	case end.status.Code == 0:
		u.state, u.message = Stopped, end.why
	default:
		u.state, u.message = Failed, end.why
		if !u.last { // whose end is told when it has ended for good
			u.s.Say("%s %s", u.title(), end.why)
		}
	}
}

// words is a duration as people write it.
func words(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.3g s", d.Seconds())
}

// describe says how a process ended.
func describe(s process.Status, ran time.Duration) string {
	if s.Signal != "" {
		return fmt.Sprintf("was ended by the signal %s after %s", s.Signal, words(ran))
	}
	return fmt.Sprintf("ended with status %d after %s", s.Code, words(ran))
}
