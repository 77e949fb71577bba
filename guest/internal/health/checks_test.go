package health

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"mvm/guest/internal/config"
	"mvm/guest/internal/probe"
)

func TestAStateChangesOnlyAfterAsManyFailuresAsDeclared(t *testing.T) {
	told := 0
	all := New(map[string]config.HealthCheck{"web": {Retries: 3}}, func(string, config.HealthCheck) probe.Prober { return nil }, func() { told++ })
	c := all.list[0]
	if s := all.State()[0]; s.State != Unknown || s.AgeMs != nil {
		t.Fatalf("%+v", s)
	}
	bad := errors.New("nothing answers")
	for i, step := range []struct {
		err   error
		state string
	}{{bad, Unknown}, {bad, Unknown}, {bad, Unknown}, {nil, Healthy}, {bad, Healthy}, {bad, Healthy}, {bad, Unhealthy}, {nil, Healthy}} {
		if got := all.note(c, step.err); got != step.state {
			t.Errorf("after %d: %s", i, got)
		}
	}
	if s := all.State()[0]; s.Failures != 0 || s.Message != "" || s.AgeMs == nil || told != 8 {
		t.Fatalf("%+v, told %d", s, told)
	}
}

func TestAGuestThatNeverAnswersIsUnhealthyAfterItsFirstInterval(t *testing.T) {
	all := New(map[string]config.HealthCheck{"web": {Retries: 1, Interval: 1}}, func(string, config.HealthCheck) probe.Prober { return nil }, func() {})
	all.begun = time.Now().Add(-2 * time.Second)
	if got := all.note(all.list[0], errors.New("no")); got != Unhealthy {
		t.Fatal(got)
	}
}

func TestAnAttemptThatHangsIsEndedAndMadeAgain(t *testing.T) {
	var attempts atomic.Int32
	second := make(chan struct{})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	New(map[string]config.HealthCheck{"web": {Interval: 1, Timeout: 1}}, func(string, config.HealthCheck) probe.Prober {
		return func(ctx context.Context) error {
			if attempts.Add(1) == 2 {
				close(second)
			}
			<-ctx.Done()
			return errors.New("too slow")
		}
	}, func() {}).Start(ctx)
	select {
	case <-second:
	case <-time.After(20 * time.Second):
		t.Fatal("no second attempt")
	}
}
