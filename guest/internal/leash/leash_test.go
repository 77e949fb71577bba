package leash

import (
	"testing"
	"time"

	"mvm/guest/internal/channel"
)

type operation struct {
	channel.NoInput
	over chan struct{}
}

func (o *operation) Run(*channel.Sender) { <-o.over }

func TestAMachineThatNobodyUsesEnds(t *testing.T) {
	ended := make(chan struct{}, 2)
	New(time.Millisecond, time.Hour, func() { ended <- struct{}{} })
	<-ended
}

func TestAMachineEndsAfterItsLastUser(t *testing.T) {
	ended := make(chan struct{}, 2)
	l := New(time.Hour, time.Millisecond, func() { ended <- struct{}{} })
	first, second := &operation{over: make(chan struct{})}, &operation{over: make(chan struct{})}
	running := make(chan struct{}, 2)
	for _, o := range []*operation{first, second} {
		made, err := l.Opener(func([]byte) (channel.Operation, error) { return o, nil })(nil)
		if err != nil {
			t.Fatal(err)
		}
		go func() { made.Run(nil); running <- struct{}{} }()
	}
	for {
		l.mu.Lock()
		n := l.users
		l.mu.Unlock()
		if n == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	close(first.over)
	<-running
	select {
	case <-ended:
		t.Fatal("it ended while it was used")
	case <-time.After(30 * time.Millisecond):
	}
	close(second.over)
	<-ended
}
