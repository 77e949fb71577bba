package mux

import (
	"encoding/binary"
	"flag"
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"mvm/guest/internal/protocol"
)

var frames = flag.Int("frames", 20_000, "random frames of a hostile host")

// TestAHostileHostCostsNoMoreThanItsStreamsMay sends random frames to a session whose streams are used like connections,
// and begins anew after each breach.
func TestAHostileHostCostsNoMoreThanItsStreamsMay(t *testing.T) {
	random := rand.New(rand.NewSource(*seed))
	sent, breaches, sessions := 0, 0, 0
	for sent < *frames {
		sessions++
		var users sync.WaitGroup
		var count atomic.Int64
		m := New(&recorder{}, func(s *Stream, _ []byte) {
			if count.Add(1) > MaxStreams+1 {
				t.Error("more users than streams")
			}
			users.Add(1)
			go func() { defer users.Done(); use(s); count.Add(-1) }()
		})
		go m.Run()
		h := &hostile{Rand: random, next: ^uint32(0), sent: map[uint32]int{}}
		for sent < *frames {
			sent++
			f := h.frame()
			if random.Intn(300) == 0 {
				f = h.breach()
			}
			if m.Frame(f) != nil {
				breaches++
				break
			}
		}
		m.End()
		users.Wait()
		if m.spare != budget || len(m.streams) != 0 {
			t.Fatalf("%d bytes and %d streams are left", budget-m.spare, len(m.streams))
		}
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	t.Logf("%d frames, %d sessions, %d ended by a breach; heap %d KiB", sent, sessions, breaches, memory.HeapAlloc>>10)
	if memory.HeapAlloc > 64<<20 {
		t.Fatalf("%d MiB are left", memory.HeapAlloc>>20)
	}
}

var seed = flag.Int64("seed", 1, "of the random frames")

// use does with a stream what a connection does, or a part of it.
func use(s *Stream) {
	defer s.Release()
	switch s.ID % 8 {
	case 1:
		s.Reset("refused")
	case 3: // never reads
		_ = s.Write(make([]byte, 2*FirstWindow))
	default:
		for p := s.Take(); p != nil; p = s.Take() {
			if s.Write(p) != nil || s.Taken(p) != nil {
				return
			}
		}
		_ = s.CloseWrite()
	}
}

// hostile is a host that keeps to the rules mostly: it knows what it has opened, and sent.
type hostile struct {
	*rand.Rand
	next  uint32
	sent  map[uint32]int // by stream that it did not end
	order []uint32
}

func (h *hostile) frame() protocol.Frame {
	if len(h.order) == 0 || h.Intn(8) == 0 {
		h.next += 2
		h.order = append(h.order, h.next)
		h.sent[h.next] = 0
		return streamFrame(protocol.StreamOpen, h.next, []byte("{}"))
	}
	at := h.Intn(len(h.order))
	id := h.order[at]
	switch n := h.Intn(100); {
	case n < 60:
		size := 1 + h.Intn(100)*h.Intn(100)
		if h.sent[id]+size > FirstWindow {
			break
		}
		h.sent[id] += size
		return streamFrame(protocol.StreamData, id, make([]byte, size))
	case n < 85:
		return streamFrame(protocol.StreamWindow, id, binary.BigEndian.AppendUint32(nil, uint32(1+h.Intn(1<<(1+h.Intn(10))))))
	}
	// Frames of a stream that was reset are passed over, of one that has ended they are a breach.
	h.order[at] = h.order[len(h.order)-1]
	h.order = h.order[:len(h.order)-1]
	if h.Intn(2) == 0 {
		return streamFrame(protocol.StreamReset, id, []byte("gone"))
	}
	return streamFrame(protocol.StreamEnd, id, nil)
}

// breach is a frame of any kind, of any stream.
func (h *hostile) breach() protocol.Frame {
	typ := protocol.StreamOpen + protocol.Type(h.Intn(5))
	p := map[protocol.Type][]byte{
		protocol.StreamOpen: []byte("{}"), protocol.StreamData: make([]byte, 1+h.Intn(32768)), protocol.StreamReset: []byte("gone"),
		protocol.StreamWindow: binary.BigEndian.AppendUint32(nil, h.Uint32()),
	}[typ]
	return streamFrame(typ, 1+uint32(h.Intn(int(h.next)+4)), p)
}

func streamFrame(t protocol.Type, id uint32, p []byte) protocol.Frame {
	return protocol.Frame{Type: t, Payload: append(binary.BigEndian.AppendUint32(nil, id), p...)}
}

func FuzzSession(f *testing.F) {
	for _, v := range vectorsOf() {
		var raw []byte
		for _, text := range v.Frames {
			raw = append(raw, unhex(text)...)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var users sync.WaitGroup
		m := New(&recorder{}, func(s *Stream, _ []byte) {
			users.Add(1)
			go func() { defer users.Done(); use(s) }()
		})
		go m.Run()
		for _, id := range []uint32{1, 3} {
			feed(t, m, protocol.StreamOpen, id, "{}")
		}
		var d protocol.Decoder
		_ = d.Feed(raw, func(f protocol.Frame) error {
			if !f.Type.OfStream() {
				return nil
			}
			return m.Frame(f)
		})
		m.End()
		users.Wait()
		if m.spare != budget || len(m.streams) != 0 {
			t.Fatalf("%d bytes and %d streams are left", budget-m.spare, len(m.streams))
		}
	})
}
