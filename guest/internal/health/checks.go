// Package health repeats the image's health checks.
package health

import (
	"context"
	"sort"
	"sync"
	"time"

	"mvm/guest/internal/config"
	"mvm/guest/internal/guard"
	"mvm/guest/internal/probe"
)

// The states of a check.
const (
	Unknown   = "unknown"
	Healthy   = "healthy"
	Unhealthy = "unhealthy"
)

// Check is the state of a check, as reported to hosts.
type Check struct {
	Name     string `json:"name"`
	State    string `json:"state"`
	Failures int    `json:"failures"` // in a row
	Message  string `json:"message"`  // of the last failure
	AgeMs    *int64 `json:"ageMs"`    // since the last attempt; nil before the first
}

// Checks has all checks.
type Checks struct {
	tell  func()
	begun time.Time
	mu    sync.Mutex
	list  []*check
}

type check struct {
	Check
	at                time.Time
	interval, timeout time.Duration
	retries           int
	prober            probe.Prober
}

// New makes the checks; nothing runs yet. prober gives what one asks. tell hears of every change of a state.
func New(checks map[string]config.HealthCheck, prober func(name string, c config.HealthCheck) probe.Prober, tell func()) *Checks {
	all := &Checks{tell: tell, begun: time.Now()}
	for name, c := range checks {
		all.list = append(all.list, &check{
			Check: Check{Name: name, State: Unknown}, prober: prober(name, c),
			interval: seconds(c.Interval, 30), timeout: seconds(c.Timeout, 5), retries: positive(c.Retries, 3),
		})
	}
	sort.Slice(all.list, func(i, j int) bool { return all.list[i].Name < all.list[j].Name })
	return all
}

func positive(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

func seconds(n, otherwise int) time.Duration {
	return time.Duration(positive(n, otherwise)) * time.Second
}

// Start repeats the checks until ctx ends.
func (a *Checks) Start(ctx context.Context) {
	a.begun = time.Now()
	for _, c := range a.list {
		guard.Go("the health check "+c.Name, func() { a.repeat(ctx, c) })
	}
}

// State is how all checks are now.
func (a *Checks) State() []Check {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := []Check{}
	for _, c := range a.list {
		state := c.Check
		if !c.at.IsZero() {
			ms := time.Since(c.at).Milliseconds()
			state.AgeMs = &ms
		}
		list = append(list, state)
	}
	return list
}

// repeat makes one attempt each interval. Until the first success it asks sooner, and gives the guest one
// interval to come up.
func (a *Checks) repeat(ctx context.Context, c *check) {
	pause := min(time.Second, c.interval)
	for {
		attempt, cancel := context.WithTimeout(ctx, c.timeout)
		err := c.prober(attempt)
		cancel()
		if ctx.Err() != nil {
			return
		}
		if a.note(c, err) == Unknown {
			pause = min(2*pause, c.interval)
		} else {
			pause = c.interval
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

func (a *Checks) note(c *check, err error) (state string) {
	a.mu.Lock()
	before := c.Check
	c.at = time.Now()
	switch {
	case err == nil:
		c.State, c.Failures, c.Message = Healthy, 0, ""
	default:
		c.Failures++
		c.Message = err.Error()
		if c.Failures >= c.retries && (c.State != Unknown || time.Since(a.begun) >= c.interval) {
			c.State = Unhealthy
		}
	}
	state = c.State
	changed := c.Check != before
	a.mu.Unlock()
	if changed {
		a.tell()
	}
	return state
}
