// Package mux carries many streams over one operation of a channel (protocol/PROTOCOL.md, "Streams"). It knows neither
// what the channel is nor what the streams are for. The host's end of the same rules is src/streams/.
package mux

import (
	"sync"

	"mvm/guest/internal/protocol"
)

const (
	// FirstWindow is what each side may send of a new stream at once, in bytes.
	FirstWindow = 32768
	// mostWindow is the most that a stream's window grows to, in bytes.
	mostWindow = 512 << 10
	// budget is what the windows of all streams may have beyond the first, in bytes.
	budget = 4 << 20
	// mostCredit is the most credit that may be outstanding, in bytes.
	mostCredit = 16 << 20
	// MaxStreams is how many streams there may be at once.
	MaxStreams = 1024
	// maxReplies is how many refusals may wait for a host that does not read.
	maxReplies = 1024
)

// The reasons of a RESET that this package gives itself.
const (
	Busy = "busy" // there are MaxStreams streams
	Gone = "gone" // whoever used the stream has ended
)

// Sender sends a stream's frame, and may wait for the host to read. An error says that the operation is over.
type Sender interface {
	SendStream(t protocol.Type, id uint32, payload []byte) error
}

// Session is the guest's end of all streams of one operation.
type Session struct {
	send   Sender
	accept func(*Stream, []byte)

	mu      sync.Mutex
	streams map[uint32]*Stream
	highest uint32 // the last that the host opened
	spare   int    // of the budget
	replies []reply
	waiting chan struct{} // has room for one: something is in replies, or the session is over
	over    bool
}

type reply struct {
	id   uint32
	code string
}

// New makes a session. accept is called for each stream that the host opens, with what its OPEN says; it must not wait,
// and whoever has the stream then calls its Release in the end.
func New(send Sender, accept func(s *Stream, open []byte)) *Session {
	return &Session{
		send: send, accept: accept,
		streams: map[uint32]*Stream{}, spare: budget, waiting: make(chan struct{}, 1),
	}
}

// Frame takes a frame of the host. It does not wait. An error is a breach of the protocol.
func (m *Session) Frame(f protocol.Frame) error {
	id, p := protocol.StreamID(f)
	if f.Type == protocol.StreamOpen {
		return m.open(id, p)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if id%2 == 0 || id > m.highest {
		return protocol.Violate("stream", "a frame of stream %d, which was not opened", id)
	}
	s := m.streams[id]
	if s == nil || s.over() {
		return nil // sent before the host knew that it has ended
	}
	switch f.Type {
	case protocol.StreamData:
		return s.put(p)
	case protocol.StreamEnd:
		return s.end()
	case protocol.StreamReset:
		s.abort()
		return nil
	}
	return s.grant(p)
}

func (m *Session) open(id uint32, p []byte) error {
	m.mu.Lock()
	if id%2 == 0 || id <= m.highest {
		m.mu.Unlock()
		return protocol.Violate("order", "stream %d is opened after stream %d", id, m.highest)
	}
	m.highest = id
	if m.over {
		m.mu.Unlock()
		return nil
	}
	if len(m.streams) >= MaxStreams {
		defer m.mu.Unlock()
		return m.reply(reply{id, Busy})
	}
	s := newStream(m, id)
	m.streams[id] = s
	m.mu.Unlock()
	m.accept(s, append([]byte(nil), p...))
	return nil
}

// reply has Run send a refusal. A host that asks without end and reads no answer breaks the protocol.
func (m *Session) reply(r reply) error {
	if len(m.replies) >= maxReplies {
		return protocol.Violate("order", "%d refusals were not read", len(m.replies))
	}
	m.replies = append(m.replies, r)
	m.wake()
	return nil
}

func (m *Session) wake() {
	select {
	case m.waiting <- struct{}{}:
	default:
	}
}

// Run sends what Frame may not wait for, until the session is over.
func (m *Session) Run() {
	for range m.waiting {
		m.mu.Lock()
		replies, over := m.replies, m.over
		m.replies = nil
		m.mu.Unlock()
		if over {
			return
		}
		for _, r := range replies {
			if m.send.SendStream(protocol.StreamReset, r.id, []byte(r.code)) != nil {
				return
			}
		}
	}
}

// End says that the host is gone: all streams have ended.
func (m *Session) End() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	for _, s := range m.streams {
		s.abort()
	}
	m.wake()
}

// target is the window that a stream of this moment may have.
func (m *Session) target() int {
	return min(max(budget/max(len(m.streams), 1), FirstWindow), mostWindow)
}
