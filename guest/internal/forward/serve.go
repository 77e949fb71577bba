package forward

import (
	"context"
	"errors"
	"time"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/tcp"

	"golang.org/x/sys/unix"
)

// dialTimeout is how long a program whose queue of connections is full may take to take one.
const dialTimeout = 30 * time.Second

// The reasons for which a stream is reset.
const (
	badRequest  = "bad_request" // the OPEN makes no sense
	forbidden   = "forbidden"   // the image does not declare the port
	refused     = "refused"     // nobody listens
	unreachable = "unreachable" // another error
	broken      = "reset"       // the program ended the connection abruptly
)

type openMessage struct {
	To   string `json:"to"`
	Port int    `json:"port"`
	// Try asks only whether something accepts connections: the stream ends where it does.
	Try bool `json:"try"`
}

// serve connects the stream, and returns when both directions have ended.
func (t Targets) serve(s *mux.Stream, open []byte) {
	var m openMessage
	err := protocol.ParseObject(open, &m)
	if other := t.Others[m.To]; err == nil && other != nil {
		other(s, open)
		return
	}
	if err != nil || m.To != "tcp" || m.Port < 1 || m.Port > 65535 {
		s.Reset(badRequest)
		return
	}
	if t.Allowed != nil && !t.Allowed(m.Port) {
		s.Reset(forbidden)
		return
	}
	socket, err := dial(s, m.Port)
	if err != nil {
		s.Reset(reasonOf(err))
		return
	}
	if m.Try {
		socket.Close()
		_ = s.CloseWrite()
		return
	}
	s.OnAbort(socket.Interrupt)
	Join(s, socket)
	if s.Aborted() {
		socket.CloseAbruptly()
	} else {
		socket.Close()
	}
}

func dial(s *mux.Stream, port int) (*tcp.Socket, error) {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	s.OnAbort(cancel)
	f, err := tcp.Dial(ctx, port)
	if err != nil {
		return nil, err
	}
	return tcp.New(f)
}

func reasonOf(err error) string {
	if errors.Is(err, unix.ECONNREFUSED) {
		return refused
	}
	return unreachable
}

// Join copies both ways until both have ended, each in its own time, or the stream is over.
func Join(s *mux.Stream, socket *tcp.Socket) {
	out := make(chan struct{})
	guard.Go("a forwarded connection", func() {
		defer close(out)
		if err := socket.Pieces(protocol.StreamChunk, s.Write); err != nil {
			s.Reset(broken)
			return
		}
		_ = s.CloseWrite()
	})
	in(s, socket)
	<-out
}

func in(s *mux.Stream, socket *tcp.Socket) {
	for p := s.Take(); p != nil; p = s.Take() {
		if _, err := socket.Write(p); err != nil {
			s.Reset(broken)
			return
		}
		if s.Taken(p) != nil {
			return
		}
	}
	if !s.Aborted() {
		_ = socket.CloseWrite()
	}
}
