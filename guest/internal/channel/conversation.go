package channel

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// conversation is what follows one preamble. Its methods are called by the stream's reader, which must
// never wait for the host to read; what is sent is sent by the goroutine of run.
type conversation struct {
	server  *Server
	out     *Sender
	hail    hail
	decoder protocol.Decoder
	hello   bool
	op      Operation
	over    bool
	// pong is set while an answer to a PING waits to be written: a host that asks faster than it reads gets no more.
	pong atomic.Bool
	// steps has room for all that the reader can ask for: WELCOME, the operation, a last ERROR.
	steps chan func()
}

func begin(s *Server, out *Sender, host [protocol.NonceSize]byte) *conversation {
	c := &conversation{server: s, out: out, steps: make(chan func(), 3)}
	answer := c.hail.answer(s, host)
	go c.run(answer)
	return c
}

func (c *conversation) run(answer []byte) {
	c.out.answer(answer)
	for step := range c.steps {
		c.guard(step)
	}
}

// guard keeps a fault of one operation from ending PID 1, and with it the machine.
func (c *conversation) guard(step func()) {
	defer func() {
		if fault := recover(); fault != nil {
			c.server.Log("a fault in an operation: %v", fault)
			c.out.SendObject(protocol.Error, &protocol.Failure{Code: "internal", Message: fmt.Sprint("the agent failed: ", fault)})
		}
	}()
	step()
}

// bytes takes what the host sent.
func (c *conversation) bytes(p []byte) {
	if c.over {
		return
	}
	p, proven := c.hail.check(p)
	if !proven {
		c.finish() // whoever that is hears nothing
		return
	}
	if err := c.decoder.Feed(p, c.frame); err != nil {
		c.violated(err)
	}
}

// end is called when the host closed, went away or started over.
func (c *conversation) end() {
	c.out.cancel()
	c.finish()
}

func (c *conversation) finish() {
	if c.over {
		return
	}
	c.over = true
	c.decoder.Reset()
	if c.op != nil {
		c.op.End()
	}
	close(c.steps)
}

func (c *conversation) violated(err error) {
	if c.over {
		return
	}
	failure := &protocol.Failure{Code: "protocol", Message: err.Error()}
	// Nothing is said to a host whose operation already had its last frame.
	if c.out.mute() {
		c.steps <- func() { c.out.last(failure) }
	}
	c.finish()
}

func (c *conversation) frame(f protocol.Frame) error {
	select {
	case <-c.out.Ended():
		return nil // sent before the host saw the terminal frame
	default:
	}
	if c.over {
		return nil
	}
	if f.Type == protocol.Ping && c.hello {
		c.ping()
		return nil
	}
	if c.op == nil {
		return c.opening(f)
	}
	if taker, ok := c.op.(StreamTaker); ok && f.Type.OfStream() {
		return taker.Stream(f)
	}
	switch f.Type {
	case protocol.Data:
		if f.Stream != protocol.Stdin {
			return protocol.Violate("stream", "the host sent data on stream %d", f.Stream)
		}
		return c.op.Data(f.Payload)
	case protocol.EOF:
		if f.Stream != protocol.Stdin {
			return protocol.Violate("stream", "the host ended stream %d", f.Stream)
		}
		return c.op.EOF()
	case protocol.Resize:
		return c.op.Resize(protocol.Size(f.Payload))
	case protocol.Signal:
		return c.signal(f.Payload)
	case protocol.Close:
		c.end()
		return nil
	}
	return protocol.Violate("order", "a frame of type 0x%02x during an operation", uint8(f.Type))
}

// ping answers independently of the operation, which may be waiting for the host to read.
func (c *conversation) ping() {
	if c.pong.Swap(true) {
		return
	}
	go func() {
		// A host that is gone needs no answer. One that has read this answer may ask again before the write returns here.
		_ = c.out.write(false, false, func(b []byte) []byte {
			c.pong.Store(false)
			return protocol.AppendFrame(b, protocol.Frame{Type: protocol.Pong})
		})
	}()
}

func (c *conversation) signal(p []byte) error {
	var m protocol.SignalMessage
	if err := protocol.ParseObject(p, &m); err != nil {
		return protocol.Violate("json", "%v", err)
	}
	sig := unix.SignalNum("SIG" + m.Signal)
	if sig == 0 {
		return protocol.Violate("payload", "there is no signal %q", m.Signal)
	}
	return c.op.Signal(sig)
}

// opening takes the frames before the operation: HELLO, then OPEN.
func (c *conversation) opening(f protocol.Frame) error {
	switch {
	case f.Type == protocol.Close:
		c.end()
		return nil
	case !c.hello && f.Type == protocol.Hello:
		var m protocol.HelloMessage
		if err := protocol.ParseObject(f.Payload, &m); err != nil {
			return protocol.Violate("json", "HELLO: %v", err)
		}
		if m.Generation < 1 {
			return protocol.Violate("payload", "HELLO names generation %d", m.Generation)
		}
		c.hello = true
		if m.UnixMs > 0 && c.server.Clock != nil {
			c.server.Clock(time.UnixMilli(m.UnixMs), c.hail.answered, time.Now())
		}
		welcome := c.server.welcome(min(m.Generation, protocol.Generation))
		c.steps <- func() { c.out.SendObject(protocol.Welcome, welcome) }
		return nil
	case c.hello && f.Type == protocol.Open:
		op, wantsNotices, err := c.server.open(f.Payload)
		var violation *protocol.Violation
		if errors.As(err, &violation) {
			return violation
		}
		c.op = op
		c.steps <- func() {
			if wantsNotices && c.server.Watch != nil {
				c.out.leave = c.server.Watch(c.out)
			}
			op.Run(c.out)
		}
		return nil
	}
	return protocol.Violate("order", "a frame of type 0x%02x before the operation", uint8(f.Type))
}

// open makes the operation that an OPEN asks for, and tells whether its host wants notices.
func (s *Server) open(p []byte) (op Operation, wantsNotices bool, err error) {
	var m protocol.OpenMessage
	err = protocol.ParseObject(p, &m)
	var wrongType *json.UnmarshalTypeError
	if err == nil && m.Op == "" {
		return failed{failure: BadRequest("OPEN names no operation")}, false, nil
	}
	if errors.As(err, &wrongType) {
		return failed{failure: BadRequest(err.Error())}, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	opener := s.Ops[m.Op]
	if opener == nil {
		return failed{failure: &protocol.Failure{Code: "unknown_op", Message: "this agent has no operation " + m.Op + " on this port"}}, false, nil
	}
	op, err = opener(p)
	var failure *protocol.Failure
	switch {
	case err == nil:
		return op, m.Listeners, nil
	case errors.As(err, &failure):
		return failed{failure: failure}, false, nil
	case errors.As(err, &wrongType):
		return failed{failure: BadRequest(err.Error())}, false, nil
	}
	return nil, false, err
}

// BadRequest is the failure of an OPEN that asks for something senseless.
func BadRequest(message string) *protocol.Failure {
	return &protocol.Failure{Code: "bad_request", Message: message}
}
