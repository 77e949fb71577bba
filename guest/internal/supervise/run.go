package supervise

import (
	"context"
	"fmt"
	"os"
	"time"

	"mvm/guest/internal/directory"
	"mvm/guest/internal/guard"
	"mvm/guest/internal/process"
)

// lastOutput is how long the output of a process is awaited after nothing of its unit runs any more.
const lastOutput = 200 * time.Millisecond

// run is a process of a unit.
type run struct {
	pid    int
	ended  <-chan process.Status
	output <-chan struct{} // closed when all of it is in the log
}

// once runs the unit one time, preparations included.
func (u *unit) once(ctx context.Context) ending {
	u.update(func() { u.state, u.message = Starting, "" })
	if err := u.prepare(); err != nil {
		return ending{status: process.Status{Code: 1}, why: "could not start: " + err.Error()}
	}
	if i := u.spec.Init; i != nil && missing(i.Creates) {
		if end, ok := u.helper(ctx, i.Command, "init"); !ok {
			return end
		}
		if missing(i.Creates) {
			return ending{status: process.Status{Code: 1}, why: "could not start: its init left no " + i.Creates}
		}
	}
	if len(u.spec.PreStart) > 0 {
		if end, ok := u.helper(ctx, u.spec.PreStart, "preStart"); !ok {
			return end
		}
	}
	if ctx.Err() != nil {
		return ending{} // nothing ran
	}
	return u.main(ctx)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return err != nil
}

// prepare makes what the unit needs around it.
func (u *unit) prepare() (err error) {
	if u.group == nil && u.s.Groups != nil {
		name := "service." + u.name
		if u.last {
			name = EntrypointName
		}
		if u.group, err = u.s.Groups.Make(name); err != nil {
			return fmt.Errorf("its cgroup: %w", err)
		}
		u.oom, _ = u.group.WatchOOM() // a kernel that does not count is fine
	}
	for _, d := range u.spec.Directories {
		if err := directory.Make(d, u.spec.User); err != nil {
			return err
		}
	}
	return nil
}

// helper runs a preparation to its end; ok is false where the unit cannot start, or is not to any more.
func (u *unit) helper(ctx context.Context, argv []string, what string) (end ending, ok bool) {
	u.update(func() { u.message = what + " runs" })
	defer u.update(func() { u.message = "" })
	end = u.process(ctx, argv, nil)
	if ctx.Err() != nil || end.status.Code != 0 {
		end.why = "could not start: its " + what + " " + end.why
		return end, false
	}
	return end, true
}

// main runs the unit's own process to its end.
func (u *unit) main(ctx context.Context) ending {
	ready, cancel := context.WithCancel(ctx)
	defer cancel()
	return u.process(ctx, u.spec.Command, func(r *run) {
		u.update(func() {
			u.pid, u.since, u.state, u.message = r.pid, time.Now(), Ready, ""
			if u.spec.Ready != nil {
				u.state = Running
			}
		})
		if u.spec.Ready != nil {
			guard.Go(u.title(), func() { u.awaitReady(ready, r.pid) })
		}
	})
}

// process runs a process until it and all it left behind have ended.
func (u *unit) process(ctx context.Context, argv []string, started func(*run)) ending {
	began := time.Now()
	r, failure := u.spawn(argv)
	if failure != nil {
		return ending{status: process.Status{Code: failureStatus(failure)}, why: "could not start: " + failure.Message}
	}
	if started != nil {
		started(r)
	}
	end := ending{}
	for running := true; running; {
		select {
		case end.status = <-r.ended:
			end.ran, running = time.Since(began), false
			end.why = describe(end.status, end.ran) + u.sweep(r.pid, 0)
		case <-ctx.Done():
			u.update(func() { u.state, u.message = Stopping, "" })
			end, running = u.terminate(r, began), false
		case <-u.oomed():
			u.noteOOM()
		}
	}
	if u.outOfMemory(end.status) {
		end.why = "was killed by the kernel, because the VM is out of memory"
	}
	t := time.NewTimer(lastOutput)
	defer t.Stop()
	select {
	case <-r.output:
	case <-t.C: // something that is not of the unit's group holds it open; what it writes still gets into the log
	}
	return end
}
