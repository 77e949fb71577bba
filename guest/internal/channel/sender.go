package channel

import (
	"encoding/json"
	"sync"
	"time"

	"mvm/guest/internal/protocol"
)

// outlet is the write side of a stream, shared by the operations that follow each other on it.
type outlet struct {
	stream Stream
	mu     sync.Mutex // held during a write
	frame  []byte
	// state guards what follows; it is never held during a write.
	state   sync.Mutex
	current *Sender
}

// Sender writes the frames of one operation. It is safe for use by several goroutines.
type Sender struct {
	outlet *outlet
	ended  chan struct{}
	muted  bool // guarded by outlet.state
	leave  func(left bool)
}

// begin makes the sender of a new operation. The one before must have been cancelled.
func (o *outlet) begin() *Sender {
	s := &Sender{outlet: o, ended: make(chan struct{})}
	o.state.Lock()
	o.current = s
	o.state.Unlock()
	return s
}

// cancel ends the operation and interrupts a write that blocks, possibly in the middle of a frame.
func (s *Sender) cancel() {
	o := s.outlet
	o.state.Lock()
	defer o.state.Unlock()
	if o.current != s {
		return
	}
	o.current = nil
	if !s.muted {
		s.muted = true
		close(s.ended)
	}
	o.stream.SetWriteDeadline(longAgo)
}

// mute ends the operation at a frame's boundary: nothing but last is sent from now on.
func (s *Sender) mute() bool {
	s.outlet.state.Lock()
	defer s.outlet.state.Unlock()
	if s.muted {
		return false
	}
	s.muted = true
	close(s.ended)
	return true
}

// Ended is closed when the operation is over: the host closed, went away or broke the protocol, or a
// terminal frame was sent.
func (s *Sender) Ended() <-chan struct{} { return s.ended }

// Leave is called before EXIT; left says that processes of the operation run on.
func (s *Sender) Leave(left bool) {
	if s.leave != nil {
		s.leave(left)
	}
}

// Send writes one frame, and blocks while the host does not read. After a terminal frame, or when the
// host is gone, it returns ErrEnded.
func (s *Sender) Send(t protocol.Type, stream uint8, payload []byte) error {
	return s.write(t.Terminal(), false, func(b []byte) []byte {
		return protocol.AppendFrame(b, protocol.Frame{Type: t, Stream: stream, Payload: payload})
	})
}

// SendStream is Send for a frame of a stream of the operation `streams`.
func (s *Sender) SendStream(t protocol.Type, id uint32, payload []byte) error {
	return s.write(false, false, func(b []byte) []byte { return protocol.AppendStreamFrame(b, t, id, payload) })
}

// SendObject writes a frame whose payload is v as JSON.
func (s *Sender) SendObject(t protocol.Type, v any) error {
	p, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return s.Send(t, 0, p)
}

// last sends the terminal frame of an operation that was muted.
func (s *Sender) last(f *protocol.Failure) {
	p, err := json.Marshal(f)
	if err != nil {
		return
	}
	s.write(false, true, func(b []byte) []byte {
		return protocol.AppendFrame(b, protocol.Frame{Type: protocol.Error, Payload: p})
	})
}

// answer sends what comes before all frames.
func (s *Sender) answer(bytes []byte) {
	// A host that has already broken the protocol is still told so, after the answer.
	s.write(false, true, func(b []byte) []byte { return append(b, bytes...) })
}

func (s *Sender) write(terminal, whileMuted bool, encode func([]byte) []byte) error {
	o := s.outlet
	o.mu.Lock()
	defer o.mu.Unlock()
	o.state.Lock()
	if o.current != s || (s.muted && !whileMuted) {
		o.state.Unlock()
		return ErrEnded
	}
	// The deadline may still be that of the operation before. cancel holds the same lock, so that its own
	// deadline is never undone here.
	o.stream.SetWriteDeadline(time.Time{})
	if terminal {
		s.muted = true
	}
	o.state.Unlock()
	o.frame = encode(o.frame[:0])
	_, err := o.stream.Write(o.frame)
	if terminal {
		o.frame = nil
		close(s.ended)
	}
	if err != nil {
		return ErrEnded
	}
	return nil
}
