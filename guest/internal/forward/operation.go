// Package forward is the operation `streams`: each stream becomes a connection to a port of this machine.
package forward

import (
	"os"

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

// Targets are what streams may be connected to.
type Targets struct {
	// Allowed tells whether a port may be reached; nil: each.
	Allowed func(port int) bool
	// Others are what is no port, by the name that OPEN's `to` has. Each gets OPEN, and returns when its stream is over.
	Others map[string]func(s *mux.Stream, open []byte)
	// Reverse listens for the host; nil: nobody does.
	Reverse Reverse
}

// Reverse is the ports on which this machine listens for its host.
type Reverse interface {
	// Listen listens until the stream is over, and writes on it what comes.
	Listen(s *mux.Stream, port int)
	// Take is the connection of a number that Listen wrote; nil where it is gone.
	Take(connection uint64) *os.File
}

// Opener makes the operation.
func Opener(t Targets) channel.Opener {
	return func([]byte) (channel.Operation, error) {
		o := &operation{ready: make(chan struct{})}
		o.session = mux.New(o, func(s *mux.Stream, open []byte) {
			guard.Go("a forwarded connection", func() {
				defer s.Release()
				t.serve(s, open)
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
