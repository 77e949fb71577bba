package console

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/console/vt"
	"mvm/guest/internal/protocol"
)

// Run implements channel.Operation.
func (a *attachment) Run(out *channel.Sender) {
	a.early.Lock()
	if a.gone {
		a.early.Unlock()
		return
	}
	s, created, attached, failure := a.manager.attach(a, a.env)
	if failure == nil {
		a.session = s
	}
	a.early.Unlock()
	if failure != nil {
		out.SendObject(protocol.Error, failure)
		return
	}
	defer s.leave(a)
	out.SendObject(protocol.Started, map[string]any{"session": s.id, "created": created, "attached": attached})
	if !created {
		a.sendReplay(out)
	}
	a.replay = nil
	if out.Send(protocol.Live, 0, nil) != nil {
		return
	}
	a.input.Grant(out)
	for a.follow(out) {
	}
}

// follow sends what is next; it returns false when there is nothing more to send.
func (a *attachment) follow(out *channel.Sender) bool {
	s := a.session
	s.mu.Lock()
	for !a.gone && !s.drained && a.due == 0 && !a.lagging && a.position == s.history.end {
		s.changed.Wait()
	}
	if a.gone {
		s.mu.Unlock()
		return false
	}
	if due := a.due; due > 0 {
		a.due = 0
		s.mu.Unlock()
		channel.SendCredit(out, due)
		return true
	}
	p, ok := s.history.at(a.position)
	switch {
	case a.lagging || !ok:
		a.lagging = false
		a.position = s.history.end
		a.replay = append([]segment{{s.rows, s.cols, clear}}, s.history.snapshot()...)
		s.mu.Unlock()
		a.sendReplay(out)
		a.replay = nil
		return out.Send(protocol.Live, 0, nil) == nil
	case len(p) == 0: // and drained
		status := s.status
		s.mu.Unlock()
		out.SendObject(protocol.Exit, protocol.ExitMessage{Status: status.Code, Signal: status.Signal})
		return false
	}
	// Of several terminals one answers.
	ask := s.active == a
	s.mu.Unlock()
	if len(p) > protocol.DataChunk {
		p = p[:protocol.DataChunk]
	}
	if !a.send(out, protocol.Stdout, p, ask) {
		return false
	}
	s.mu.Lock()
	a.position += int64(len(p))
	s.changed.Broadcast()
	s.mu.Unlock()
	return true
}

// clear makes a terminal fresh that missed output: it ends a sequence that was cut (CAN), leaves the
// alternate screen, resets modes (mouse, paste) and rendition, and clears the screen. RIS would also throw
// away what the user can scroll back to.
var clear = []byte("\x18\x1b[?1049l\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[m\x1b[r\x1b[H\x1b[2J")

// sendReplay sends the pieces, each with its size where that is not the attachment's own.
func (a *attachment) sendReplay(out *channel.Sender) {
	a.session.mu.Lock()
	own := [2]uint16{a.rows, a.cols}
	a.session.mu.Unlock()
	told := own
	a.filter = vt.Filter{}
	for _, s := range a.replay {
		size := [2]uint16{s.rows, s.cols}
		if len(s.data) == 0 {
			continue
		}
		if size != own || size != told {
			if out.Send(protocol.Resize, 0, protocol.AppendSize(nil, s.rows, s.cols)) != nil {
				return
			}
			told = size
		}
		if !a.send(out, protocol.Replay, s.data, false) {
			return
		}
	}
	// A sequence that has begun continues in the live output.
	if rest := a.filter.Rest(); len(rest) > 0 {
		out.Send(protocol.Data, protocol.Replay, rest)
	}
}

// send sends output, without the questions to the terminal where it is not to answer.
func (a *attachment) send(out *channel.Sender, stream uint8, p []byte, ask bool) bool {
	a.filtered = a.filter.Append(a.filtered[:0], p, ask)
	for rest := a.filtered; len(rest) > 0; {
		n := min(len(rest), protocol.DataChunk)
		if out.Send(protocol.Data, stream, rest[:n]) != nil {
			return false
		}
		rest = rest[n:]
	}
	return true
}
