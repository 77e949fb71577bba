package channel_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// echo is an operation that repeats its input until it is told "stop", and notes its end.
type echo struct {
	input *channel.Input
	ended chan string
	name  string
}

func (e *echo) Data(p []byte) error          { return e.input.Put(p) }
func (e *echo) EOF() error                   { e.input.End(); return nil }
func (e *echo) Resize(_, _ uint16) error     { return nil }
func (e *echo) Signal(sig unix.Signal) error { return nil }
func (e *echo) End()                         { e.input.Close(); e.ended <- e.name }

func (e *echo) Run(out *channel.Sender) {
	out.SendObject(protocol.Started, struct{}{})
	e.input.Grant(out)
	for {
		p, ok := e.input.Next()
		if !ok || string(p) == "stop" {
			break
		}
		if string(p) == "fault" {
			panic("a fault")
		}
		for string(p) == "flood" {
			if out.Send(protocol.Data, protocol.Stdout, make([]byte, protocol.DataChunk)) != nil {
				return
			}
		}
		out.Send(protocol.Data, protocol.Stdout, p)
		channel.SendCredit(out, e.input.Consumed(len(p)))
	}
	out.SendObject(protocol.Exit, protocol.ExitMessage{})
}

func serve(t *testing.T) (*channeltest.Link, chan string) {
	ended := make(chan string, 100)
	count := 0
	return channeltest.Serve(t, map[string]channel.Opener{"echo": func([]byte) (channel.Operation, error) {
		count++
		return &echo{channel.NewInput(), ended, fmt.Sprint(count)}, nil
	}}), ended
}

func await(t *testing.T, ended chan string, name string) {
	t.Helper()
	select {
	case got := <-ended:
		if got != name {
			t.Fatalf("operation %s ended, not %s", got, name)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("operation %s did not end", name)
	}
}

var open = map[string]string{"op": "echo"}

func TestAnOperationRunsAndTheLinkIsUsedAgain(t *testing.T) {
	l, _ := serve(t)
	for range 3 {
		h := channeltest.Open(t, l, open)
		h.Expect(protocol.Started)
		h.Input("hello")
		h.Until(1, "hello")
		h.Send(protocol.EOF, 0, nil)
		h.Expect(protocol.Exit)
		h.Conn.Close()
	}
}

func TestAHostThatVanishesInsideAFrameHinderNobody(t *testing.T) {
	l, ended := serve(t)
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	h.Raw(append(protocol.AppendHeader(nil, protocol.Data, 0, 30000), "only the beginning"...))
	h.Conn.Close()
	await(t, ended, "1")
	h = channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	h.Input("second")
	if got := h.Until(1, "second"); got != "second" {
		t.Fatalf("got %q", got)
	}
}

func TestAPreambleEndsTheOperationBeforeItWhateverWasGoingOn(t *testing.T) {
	partial := protocol.AppendHeader(nil, protocol.Data, 0, 200000)
	half := channeltest.Key.Mark()
	for name, before := range map[string][]byte{
		"idle":            nil,
		"inside a frame":  append(partial, "abc"...),
		"inside a header": {3, 0, 0},
		"half a mark":     half[:9],
	} {
		t.Run(name, func(t *testing.T) {
			l, ended := serve(t)
			h := channeltest.Open(t, l, open)
			h.Expect(protocol.Started)
			h.Raw(before)
			h.Begin(open)
			await(t, ended, "1")
			h.Expect(protocol.Started)
			h.Input("second")
			h.Until(1, "second")
		})
	}
}

func TestAHostThatDoesNotReadCanBeReplaced(t *testing.T) {
	l, ended := serve(t)
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	h.Input("flood")
	h.Expect(protocol.Data) // from here on the guest's writes fill the socket and block
	h.Begin(open)
	await(t, ended, "1")
	h.Expect(protocol.Started)
}

func TestViolationsAreAnsweredAndFollowedBySilence(t *testing.T) {
	frame := func(f protocol.Type, p string) []byte {
		return protocol.AppendFrame(nil, protocol.Frame{Type: f, Payload: []byte(p)})
	}
	hello := frame(protocol.Hello, `{"generation":1}`)
	for name, v := range map[string][]byte{
		"junk instead of HELLO":  []byte("GET / HTTP/1.1\r\n\r\n"),
		"OPEN before HELLO":      frame(protocol.Open, `{"op":"echo"}`),
		"two HELLOs":             append(hello[:len(hello):len(hello)], hello...),
		"HELLO of generation 0":  frame(protocol.Hello, `{"generation":0}`),
		"HELLO that is an array": frame(protocol.Hello, `[1]`),
		"HELLO that is no JSON":  frame(protocol.Hello, `{"generation":`),
		"HELLO that is no UTF-8": frame(protocol.Hello, "{\"generation\":1,\"x\":\"\xff\"}"),
		"OPEN that is no JSON":   append(hello[:len(hello):len(hello)], frame(protocol.Open, `{op}`)...),
		"a guest's frame":        append(hello[:len(hello):len(hello)], frame(protocol.Exit, `{"status":0}`)...),
	} {
		t.Run(name, func(t *testing.T) {
			l, _ := serve(t)
			h := channeltest.Dial(t, l)
			h.Preamble()
			h.Prove()
			h.Raw(v)
			f := h.Frame()
			if f.Type == protocol.Welcome {
				f = h.Frame()
			}
			if f.Type != protocol.Error {
				t.Fatalf("got a frame of type %x", f.Type)
			}
			// The silence ends with the next preamble.
			h.Raw([]byte("more junk"))
			h.Begin(open)
			h.Expect(protocol.Started)
		})
	}
}

func TestViolationsEndARunningOperation(t *testing.T) {
	for name, send := range map[string]func(h *channeltest.Host){
		"input beyond the credit":  func(h *channeltest.Host) { h.Send(protocol.Data, 0, make([]byte, 65537)) },
		"data on a guest's stream": func(h *channeltest.Host) { h.Send(protocol.Data, 1, []byte("x")) },
		"a second OPEN":            func(h *channeltest.Host) { h.Object(protocol.Open, open) },
		"an unknown frame":         func(h *channeltest.Host) { h.Raw([]byte{9, 0, 0, 0, 0, 0, 0, 0}) },
		"an unknown signal":        func(h *channeltest.Host) { h.Object(protocol.Signal, map[string]string{"signal": "NOPE"}) },
	} {
		t.Run(name, func(t *testing.T) {
			l, ended := serve(t)
			h := channeltest.Open(t, l, open)
			h.Expect(protocol.Started)
			h.Input("x")
			h.Until(1, "x")
			send(h)
			h.Fails("protocol")
			await(t, ended, "1")
		})
	}
}

func TestUnknownAndSenselessOperationsAreRefused(t *testing.T) {
	l, _ := serve(t)
	for _, c := range []struct {
		open any
		code string
	}{
		{map[string]string{"op": "frobnicate"}, "unknown_op"},
		{map[string]string{}, "bad_request"},
		{map[string]int{"op": 3}, "bad_request"},
	} {
		h := channeltest.Open(t, l, c.open)
		h.Fails(c.code)
		h.Conn.Close()
	}
}

func TestFramesBehindATerminalFrameAreIgnored(t *testing.T) {
	l, _ := serve(t)
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	h.Input("stop")
	h.Expect(protocol.Exit)
	h.Send(protocol.Data, 0, []byte("late"))
	h.Send(protocol.Close, 0, nil)
	h.Begin(open)
	h.Expect(protocol.Started)
}

func TestAFaultInAnOperationIsAnErrorOfThatOperationOnly(t *testing.T) {
	l, _ := serve(t)
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	h.Input("fault")
	h.Fails("internal")
	h.Begin(open)
	h.Expect(protocol.Started)
}

func TestMoreInputThanTheFirstCreditFlowsAsItIsConsumed(t *testing.T) {
	l, _ := serve(t)
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	h.Input(strings.Repeat("x", 300_000))
	for got := 0; got < 300_000; {
		got += len(h.Expect(protocol.Data).Payload)
	}
	if h.Credit > 1<<20 {
		t.Fatalf("%d bytes of credit are outstanding", h.Credit)
	}
}
