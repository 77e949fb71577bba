package mux

import (
	"bytes"
	"encoding/binary"
	"math/rand"
	"sync"
	"testing"
	"time"

	"mvm/guest/internal/protocol"
)

// recorder is a host that reads all.
type recorder struct {
	mu     sync.Mutex
	frames []frame
	data   map[uint32][]byte
	hold   chan struct{} // not nil: it reads nothing before that is closed
}

func (r *recorder) SendStream(t protocol.Type, id uint32, p []byte) error {
	if r.hold != nil {
		<-r.hold
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.data == nil {
		r.data = map[uint32][]byte{}
	}
	if t == protocol.StreamData {
		r.data[id] = append(r.data[id], p...)
	} else {
		r.frames = append(r.frames, frame{t, id, string(p)})
	}
	return nil
}

func (r *recorder) has(t protocol.Type, id uint32) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range r.frames {
		if f.t == t && f.id == id {
			return true
		}
	}
	return false
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: ", what)
		}
	}
}

// opened makes a session with one stream.
func opened(t *testing.T) (*Session, *recorder, *Stream) {
	t.Helper()
	r := &recorder{}
	var stream *Stream
	m := New(r, func(s *Stream, _ []byte) { stream = s })
	feed(t, m, protocol.StreamOpen, 1, "{}")
	return m, r, stream
}

func TestWhatIsSentAfterTheOtherSideEndedStillArrives(t *testing.T) {
	m, r, s := opened(t)
	feed(t, m, protocol.StreamData, 1, "question")
	feed(t, m, protocol.StreamEnd, 1, "")
	if p := s.Take(); string(p) != "question" {
		t.Fatalf("%q", p)
	}
	if s.Take() != nil {
		t.Fatal("no end")
	}
	if err := s.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	_ = s.CloseWrite()
	s.Release()
	if string(r.data[1]) != "answer" || !r.has(protocol.StreamEnd, 1) || r.has(protocol.StreamReset, 1) {
		t.Fatalf("%q %v", r.data[1], r.frames)
	}
}

func TestAWriterWaitsForCreditAndAResetEndsTheWait(t *testing.T) {
	m, r, s := opened(t)
	done := make(chan error, 1)
	go func() { done <- s.Write(make([]byte, FirstWindow+10)) }()
	until(t, "the first window", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.data[1]) == FirstWindow })
	feed(t, m, protocol.StreamWindow, 1, "\x00\x00\x00\x04")
	until(t, "the credit", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.data[1]) == FirstWindow+4 })
	feed(t, m, protocol.StreamReset, 1, "gone")
	if err := <-done; err != ErrOver {
		t.Fatal(err)
	}
	if s.Release(); r.has(protocol.StreamReset, 1) {
		t.Fatal("a reset was answered")
	}
}

func TestASlowReaderHoldsUpNobodyElse(t *testing.T) {
	r := &recorder{}
	streams := map[uint32]*Stream{}
	m := New(r, func(s *Stream, _ []byte) { streams[s.ID] = s })
	feed(t, m, protocol.StreamOpen, 1, "{}")
	feed(t, m, protocol.StreamOpen, 3, "{}")
	feed(t, m, protocol.StreamData, 1, string(make([]byte, FirstWindow)))
	piece := string(make([]byte, 10000))
	for range 1000 {
		feed(t, m, protocol.StreamData, 3, piece)
		if err := streams[3].Taken(streams[3].Take()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWindowsGrowWithinTheBudgetAndGiveItBack(t *testing.T) {
	r := &recorder{}
	var streams []*Stream
	m := New(r, func(s *Stream, _ []byte) { streams = append(streams, s) })
	random := rand.New(rand.NewSource(1))
	for i := range uint32(100) {
		feed(t, m, protocol.StreamOpen, 2*i+1, "{}")
	}
	for range 20000 {
		s := streams[random.Intn(len(streams))]
		if n := min(s.window.open, 1+random.Intn(30000)); n > 0 {
			feed(t, m, protocol.StreamData, s.ID, string(make([]byte, n)))
		}
		if random.Intn(3) > 0 && len(s.queued) > 0 {
			_ = s.Taken(s.Take())
		}
		held := 0
		for _, s := range streams {
			held += s.window.held
			queued := 0
			for _, p := range s.queued {
				queued += len(p)
			}
			if s.window.held != s.window.open+queued {
				t.Fatalf("%+v with %d queued", s.window, queued)
			}
		}
		if most := len(streams)*FirstWindow + budget; held > most || m.spare < 0 {
			t.Fatalf("%d bytes are granted, %d at most; %d spare", held, most, m.spare)
		}
	}
	for _, s := range streams {
		s.Release()
	}
	if m.spare != budget || len(m.streams) != 0 {
		t.Fatalf("%d bytes and %d streams did not come back", budget-m.spare, len(m.streams))
	}
}

func TestOneStreamGetsTheLargestWindow(t *testing.T) {
	m, _, s := opened(t)
	for range 100 {
		feed(t, m, protocol.StreamData, 1, string(make([]byte, min(s.window.open, 32768))))
		_ = s.Taken(s.Take())
	}
	if s.window.held < mostWindow/2 {
		t.Fatalf("%+v", s.window)
	}
}

func TestStreamsBeyondTheMostAreRefusedAndRefusalsWithoutAReaderEndTheSession(t *testing.T) {
	r := &recorder{hold: make(chan struct{})}
	m := New(r, func(*Stream, []byte) {})
	go m.Run()
	defer m.End()
	defer close(r.hold)
	open := func(i int) error {
		var p [6]byte
		binary.BigEndian.PutUint32(p[:], uint32(2*i+1))
		copy(p[4:], "{}")
		return m.Frame(protocol.Frame{Type: protocol.StreamOpen, Payload: p[:]})
	}
	for i := range MaxStreams + maxReplies {
		if err := open(i); err != nil {
			t.Fatal(i, err)
		}
	}
	var last error
	for i := range maxReplies + 2 {
		if last = open(MaxStreams + maxReplies + i); last != nil {
			break
		}
	}
	if reasonOf(last) != "order" || len(m.streams) != MaxStreams || len(m.replies) > maxReplies {
		t.Fatalf("%v; %d streams, %d replies", last, len(m.streams), len(m.replies))
	}
}

func TestTheEndOfTheSessionEndsEveryStream(t *testing.T) {
	m, _, s := opened(t)
	told := make(chan struct{})
	s.OnAbort(func() { close(told) })
	taken, written := make(chan []byte, 1), make(chan error, 1)
	go func() { taken <- s.Take() }()
	go func() { written <- s.Write(bytes.Repeat([]byte("x"), FirstWindow+1)) }()
	m.End()
	<-told
	if p := <-taken; p != nil {
		t.Fatalf("%q", p)
	}
	if err := <-written; err != ErrOver {
		t.Fatal(err)
	}
	s.Release()
}
