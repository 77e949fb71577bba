package channel_test

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/protocol"
)

func TestAHostWithoutTheKeyGetsNoOperationAndNoWord(t *testing.T) {
	l, ended := serve(t)
	h := channeltest.Dial(t, l)
	h.Preamble()
	h.Answer()
	h.Raw(make([]byte, protocol.ProofSize))
	h.Object(protocol.Hello, map[string]int{"generation": 1})
	h.Object(protocol.Open, open)
	h.Conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if n, err := h.Conn.Read(make([]byte, 1)); n > 0 || !err.(net.Error).Timeout() {
		t.Fatalf("a host without the key was answered (%v)", err)
	}
	h.Conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	h.Begin(open)
	h.Expect(protocol.Started)
	h.Conn.Close()
	await(t, ended, "1") // the first that was opened
}

func TestAHostIsToldByTheProofThatTheMachinePowersOff(t *testing.T) {
	var stopping atomic.Bool
	l := channeltest.ServeWith(t, &channel.Server{Key: channeltest.Key, Log: t.Logf, Stopping: stopping.Load})
	h := channeltest.Dial(t, l)
	h.Preamble()
	h.AnswerOf(false)
	stopping.Store(true)
	h.Preamble()
	h.AnswerOf(true)
}

func TestAProofOfAnotherOpeningCountsNothing(t *testing.T) {
	l, _ := serve(t)
	h := channeltest.Dial(t, l)
	h.Preamble()
	earlier := h.Answer()
	h.Preamble()
	if later := h.Answer(); later == earlier {
		t.Fatal("two openings have one nonce")
	}
	h.Raw(earlier[:]) // half of a proof, and a wrong one
	h.Raw(earlier[:])
	h.Object(protocol.Hello, map[string]int{"generation": 1})
	h.Conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := h.Conn.Read(make([]byte, 1)); err == nil {
		t.Fatal("a wrong proof was taken")
	}
}

func TestAPingIsAnsweredWhateverTheOperationDoes(t *testing.T) {
	l, _ := serve(t)
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	// Each comes as soon as the one before is answered.
	for range 20_000 {
		h.Send(protocol.Ping, 0, nil)
		h.Expect(protocol.Pong)
	}
	// Asked without being heard: one answer is on its way, however often it is asked.
	h.Input("flood")
	for range 1000 {
		h.Send(protocol.Ping, 0, nil)
	}
	for h.Frame().Type != protocol.Pong {
	}
}

func TestTheClockHearsTheHostsTimeAndWhenThatWas(t *testing.T) {
	type heard struct{ host, after, before time.Time }
	clock := make(chan heard, 1)
	l := channeltest.NewLink()
	s := &channel.Server{Key: channeltest.Key, Log: t.Logf, Clock: func(host, after, before time.Time) {
		clock <- heard{host, after, before}
	}}
	go s.Serve(l)
	defer l.Close()
	h := channeltest.Dial(t, l)
	start := time.Now()
	h.Preamble()
	h.Prove()
	h.Object(protocol.Hello, map[string]int64{"generation": 1, "unixMs": 1700000000123})
	h.Expect(protocol.Welcome)
	got := <-clock
	if got.host != time.UnixMilli(1700000000123) || got.after.Before(start) || got.before.Before(got.after) || got.before.After(time.Now()) {
		t.Fatalf("heard %+v", got)
	}
}
