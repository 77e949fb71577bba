package forward

import (
	"context"
	"errors"
	"time"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/tcp"
	"mvm/guest/internal/udp"

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
	// Connection is a number that a `listen` stream told.
	Connection uint64 `json:"connection"`
}

// serve connects the stream, and returns when both directions have ended.
func (t Targets) serve(s *mux.Stream, open []byte) {
	var m openMessage
	err := protocol.ParseObject(open, &m)
	if other := t.Others[m.To]; err == nil && other != nil {
		other(s, open)
		return
	}
	if err == nil && m.To == "connection" && t.Reverse != nil {
		t.pickUp(s, m.Connection)
		return
	}
	listens := m.To == "listen" && t.Reverse != nil
	if err != nil || m.To != "tcp" && m.To != "udp" && !listens || m.Port < 1 || m.Port > 65535 {
		s.Reset(badRequest)
		return
	}
	if listens {
		t.Reverse.Listen(s, m.Port)
		return
	}
	if t.Allowed != nil && !t.Allowed(m.Port) {
		s.Reset(forbidden)
		return
	}
	if m.To == "udp" {
		udp.Serve(s, m.Port)
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
	carry(s, socket)
}

// pickUp joins the stream to a connection that came in on a port of the host's.
func (t Targets) pickUp(s *mux.Stream, connection uint64) {
	f := t.Reverse.Take(connection)
	if f == nil {
		s.Reset(mux.Gone)
		return
	}
	socket, err := tcp.New(f)
	if err != nil {
		f.Close()
		s.Reset(unreachable)
		return
	}
	carry(s, socket)
}

func carry(s *mux.Stream, socket *tcp.Socket) {
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
