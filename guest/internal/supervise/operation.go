package supervise

import (
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"
)

// eventPause is between two EVENTs: at most five a second.
const eventPause = 200 * time.Millisecond

type operation struct {
	channel.NoInput
	s      *Supervisor
	follow bool
	ended  chan struct{}
}

// Opener makes services operations.
func (s *Supervisor) Opener() channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		var q struct {
			Follow bool `json:"follow"`
		}
		if err := protocol.ParseObject(open, &q); err != nil {
			return nil, err
		}
		return &operation{s: s, follow: q.Follow, ended: make(chan struct{})}, nil
	}
}

// End implements channel.Operation.
func (o *operation) End() { close(o.ended) }

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	if !o.follow {
		out.SendObject(protocol.Result, o.s.State())
		return
	}
	out.SendObject(protocol.Started, struct{}{})
	for {
		changed := o.s.Changed()
		if out.SendObject(protocol.Event, o.s.State()) != nil {
			return
		}
		pause := time.NewTimer(eventPause)
		select {
		case <-pause.C:
		case <-o.ended:
			pause.Stop()
			return
		}
		select {
		case <-changed:
		case <-o.ended:
			return
		}
	}
}
