package mux

import (
	"encoding/binary"
	"errors"
	"sync"

	"mvm/guest/internal/protocol"
)

// ErrOver is returned where a stream was reset, or the host is gone.
var ErrOver = errors.New("the stream is over")

// Stream is one stream. What the host sends is taken by one goroutine, what it gets is written by one.
type Stream struct {
	ID      uint32
	session *Session
	changed sync.Cond // its lock is the session's, and guards what follows

	queued [][]byte
	window window
	inEnd  bool

	credit int
	outEnd bool

	aborted bool // by RESET, from either side, or with the session
	onAbort func()
}

func newStream(m *Session, id uint32) *Stream {
	s := &Stream{ID: id, session: m, credit: FirstWindow, window: window{open: FirstWindow, held: FirstWindow}}
	s.changed.L = &m.mu
	return s
}

func (s *Stream) over() bool { return s.aborted || s.inEnd && s.outEnd }

func (s *Stream) put(p []byte) error {
	if s.inEnd {
		return protocol.Violate("order", "data of stream %d after its end", s.ID)
	}
	if len(p) > s.window.open {
		return protocol.Violate("credit", "%d bytes of stream %d where %d were granted", len(p), s.ID, s.window.open)
	}
	s.window.open -= len(p)
	s.queued = pack(s.queued, p)
	s.changed.Broadcast()
	return nil
}

func (s *Stream) end() error {
	if s.inEnd {
		return protocol.Violate("order", "stream %d ends twice", s.ID)
	}
	s.inEnd = true
	s.changed.Broadcast()
	return nil
}

func (s *Stream) grant(p []byte) error {
	n := binary.BigEndian.Uint32(p)
	if n == 0 || uint64(s.credit)+uint64(n) > mostCredit {
		return protocol.Violate("payload", "%d bytes of credit for stream %d, which has %d", n, s.ID, s.credit)
	}
	s.credit += int(n)
	s.changed.Broadcast()
	return nil
}

func (s *Stream) abort() {
	if s.aborted {
		return
	}
	s.aborted, s.queued = true, nil
	if s.onAbort != nil {
		s.onAbort()
	}
	s.changed.Broadcast()
}

// OnAbort has f called when the stream is reset or the host goes; at once where it was. f must not wait, and must not
// call the stream.
func (s *Stream) OnAbort(f func()) {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	s.onAbort = f
	if s.aborted {
		f()
	}
}

// Take waits for what the host sent; nil at its end, or when the stream is over. It is the caller's until that calls
// Taken.
func (s *Stream) Take() []byte {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	for len(s.queued) == 0 && !s.inEnd && !s.aborted {
		s.changed.Wait()
	}
	if len(s.queued) == 0 || s.aborted {
		return nil
	}
	taken := s.queued[0]
	s.queued = s.queued[1:]
	return taken
}

// Taken says that what was taken is done with: the host may send more.
func (s *Stream) Taken(p []byte) error {
	n := len(p)
	recycle(p)
	s.session.mu.Lock()
	granted := 0
	if !s.aborted {
		granted = s.window.taken(n, s.session.target(), &s.session.spare)
	}
	ended := s.inEnd
	s.session.mu.Unlock()
	if granted == 0 || ended {
		return nil
	}
	return s.session.send.SendStream(protocol.StreamWindow, s.ID, binary.BigEndian.AppendUint32(nil, uint32(granted)))
}

// Write sends p as the host lets it.
func (s *Stream) Write(p []byte) error {
	for len(p) > 0 {
		s.session.mu.Lock()
		for s.credit == 0 && !s.aborted && !s.outEnd {
			s.changed.Wait()
		}
		n := min(s.credit, len(p), protocol.StreamChunk)
		over := s.aborted || s.outEnd
		s.credit -= n
		s.session.mu.Unlock()
		if over {
			return ErrOver
		}
		if err := s.session.send.SendStream(protocol.StreamData, s.ID, p[:n]); err != nil {
			return ErrOver
		}
		p = p[n:]
	}
	return nil
}

// CloseWrite says that nothing more is written.
func (s *Stream) CloseWrite() error {
	s.session.mu.Lock()
	over := s.aborted || s.outEnd
	s.outEnd = true
	s.session.mu.Unlock()
	if over {
		return ErrOver
	}
	return s.session.send.SendStream(protocol.StreamEnd, s.ID, nil)
}

// Reset ends the stream at once, in both directions. The code is of PROTOCOL.md.
func (s *Stream) Reset(code string) {
	s.session.mu.Lock()
	over := s.over()
	if !over {
		s.abort()
	}
	s.session.mu.Unlock()
	if !over {
		_ = s.session.send.SendStream(protocol.StreamReset, s.ID, []byte(code))
	}
}

// Aborted tells whether the stream was reset, or the host went.
func (s *Stream) Aborted() bool {
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	return s.aborted
}

// Release gives back what the stream holds; one that has not ended is reset. Nothing is called on it afterwards.
func (s *Stream) Release() {
	s.Reset(Gone)
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	s.window.release(&s.session.spare)
	delete(s.session.streams, s.ID)
}
