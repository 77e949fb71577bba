package channel

import (
	"errors"
	"sort"
	"sync/atomic"
	"time"

	"mvm/guest/internal/protocol"
)

// readSize is what is taken of a stream at once, in bytes: a frame of the longest pieces that a host sends.
const readSize = 36864

// Server serves operations on streams.
type Server struct {
	Key   protocol.Key
	Agent string // the agent's version
	Ops   map[string]Opener
	Log   func(format string, args ...any)
	// Clock receives the host's time, and between which moments of the guest's clock that was. May be nil.
	Clock func(host, after, before time.Time)
	// Stopping reports whether the machine is on its way to power off. May be nil: it is not.
	Stopping func() bool
	// Watch sends NOTICEs to a host that asks for them, from a goroutine of its own. What it returns is called before EXIT: see
	// Sender.Leave. May be nil: there are none.
	Watch func(out *Sender) (leave func(left bool))

	openings atomic.Uint64
}

// Serve reads the stream until it fails for good, and returns why.
func (s *Server) Serve(stream Stream) error {
	p := &port{server: s, outlet: outlet{stream: stream}}
	defer p.Interrupt()
	scanner := protocol.NewScanner(s.Key.Mark())
	buf := make([]byte, readSize)
	for {
		n, err := stream.Read(buf)
		if n > 0 && !s.feed(scanner, buf[:n], p) {
			p.Interrupt()
			scanner.Forget()
		}
		if errors.Is(err, ErrHostGone) {
			p.Interrupt()
			scanner.Forget()
		} else if err != nil {
			return err
		}
	}
}

// feed keeps a fault from ending PID 1; ok is false after one.
func (s *Server) feed(scanner *protocol.Scanner, b []byte, p *port) (ok bool) {
	defer func() {
		if fault := recover(); fault != nil {
			s.Log("a fault while reading a channel: %v", fault)
			ok = false
		}
	}()
	scanner.Feed(b, p)
	return true
}

func (s *Server) welcome(generation int) protocol.WelcomeMessage {
	m := protocol.WelcomeMessage{Generation: generation, Agent: s.Agent}
	for name := range s.Ops {
		m.Ops = append(m.Ops, name)
	}
	sort.Strings(m.Ops)
	return m
}

// port is one stream being served.
type port struct {
	server *Server
	outlet outlet
	talk   *conversation
}

// Interrupt ends the operation in progress.
func (p *port) Interrupt() {
	if p.talk != nil {
		p.talk.end()
		p.talk = nil
	}
}

// Begin starts the conversation that a preamble opens.
func (p *port) Begin(nonce [protocol.NonceSize]byte) {
	p.talk = begin(p.server, p.outlet.begin(), nonce)
}

// Bytes takes what follows a preamble.
func (p *port) Bytes(b []byte) {
	if p.talk != nil {
		p.talk.bytes(b)
	}
}
