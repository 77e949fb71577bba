// Package forward is the operation `streams`: each stream becomes a connection to a port of this machine.
package forward

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/protocol"
)

type startedMessage struct {
	MaxStreams int `json:"maxStreams"`
}

type operation struct {
	channel.NoInput
	session *mux.Session
	out     *channel.Sender // from when ready is closed
	ready   chan struct{}
}

// Opener makes the operation.
// allowed tells whether a port may be reached; nil: each.
func Opener(allowed func(port int) bool) channel.Opener {
	return func([]byte) (channel.Operation, error) {
		o := &operation{ready: make(chan struct{})}
		o.session = mux.New(o, func(s *mux.Stream, open []byte) {
			guard.Go("a forwarded connection", func() {
				defer s.Release()
				serve(s, open, allowed)
			})
		})
		return o, nil
	}
}

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	out.SendObject(protocol.Started, startedMessage{mux.MaxStreams})
	o.out = out
	close(o.ready)
	o.session.Run()
}

// SendStream implements mux.Sender. Streams may be opened before Run.
func (o *operation) SendStream(t protocol.Type, id uint32, payload []byte) error {
	<-o.ready
	return o.out.SendStream(t, id, payload)
}

// Stream implements channel.StreamTaker.
func (o *operation) Stream(f protocol.Frame) error { return o.session.Frame(f) }

// End implements channel.Operation.
func (o *operation) End() { o.session.End() }
