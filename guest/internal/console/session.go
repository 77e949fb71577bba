package console

import (
	"sync"
	"time"

	"mvm/guest/internal/info"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/pty"

	"golang.org/x/sys/unix"
)

const (
	// backlog is how far an attachment may be behind before the shell waits for it, in bytes.
	backlog = 256 << 10
	// patience is how long the shell waits for an attachment that does not read.
	patience = 2 * time.Second
	// lingering is how long output is awaited after the shell ended.
	lingering = 100 * time.Millisecond
)

// session is a shell on a terminal.
type session struct {
	id, pid int
	pty     *pty.Pair
	reaper  *process.Reaper
	input   *keyboard

	mu         sync.Mutex
	changed    sync.Cond // output, an end, or an attachment that caught up
	history    history
	rows, cols uint16
	attached   map[*attachment]bool
	active     *attachment
	ended      bool // the shell ended: nobody joins any more
	drained    bool // and all its output is in the history
	status     process.Status
}

func (m *Manager) start(env map[string]string, rows, cols uint16) (*session, *protocol.Failure) {
	failed := func(err error) *protocol.Failure {
		return &protocol.Failure{Code: "start_failed", Message: "the console did not start: " + err.Error()}
	}
	p, err := pty.Open(rows, cols)
	if err != nil {
		return nil, failed(err)
	}
	m.count++
	s := &session{id: m.count, pty: p, reaper: m.Reaper, rows: rows, cols: cols, attached: map[*attachment]bool{}}
	s.changed.L = &s.mu
	var ended <-chan process.Status
	command := process.Command{Argv: m.Entrypoint.Argv, Env: []map[string]string{m.Entrypoint.Env, env}, Dir: m.Reaper.Dir(""), TTY: true}
	command.Files[0], command.Files[1], command.Files[2] = p.Slave, p.Slave, p.Slave
	pid, ended, failure := m.Reaper.StartCommand(command)
	p.CloseSlave()
	if failure != nil {
		p.Close()
		return nil, failed(failure)
	}
	s.pid = pid
	s.input = newKeyboard(p.Master)
	exited := make(chan struct{})
	go func() {
		status := <-ended
		s.mu.Lock()
		s.ended, s.status = true, status
		s.mu.Unlock()
		close(exited)
		p.Master.SetReadDeadline(time.Now().Add(lingering))
	}()
	go s.read(exited)
	return s, nil
}

// read takes the shell's output until its end.
func (s *session) read(exited <-chan struct{}) {
	buf := make([]byte, 4096) // the kernel hands out no more at once
	left := keep
	for left > 0 {
		n, err := s.pty.Master.Read(buf)
		if err != nil || !s.output(buf[:n]) {
			break
		}
		select {
		case <-exited:
			left -= n
			s.pty.Master.SetReadDeadline(time.Now().Add(lingering))
		default:
		}
	}
	// A shell may live on that closed its terminal. It is of no more use.
	s.hangUp()
	kill := time.AfterFunc(patience, func() { s.reaper.Signal(s.pid, unix.SIGKILL) })
	<-exited
	kill.Stop()
	s.mu.Lock()
	s.drained = true
	s.changed.Broadcast()
	s.mu.Unlock()
	s.input.close()
	s.pty.Close()
}

// output records what the shell wrote, and waits for attachments that are far behind. A fault in there
// ends the session, not PID 1; ok is false then.
func (s *session) output(p []byte) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { ok = recover() == nil }()
	s.history.append(p, s.rows, s.cols)
	s.changed.Broadcast()
	if !s.behind() {
		return true
	}
	timer := time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for a := range s.attached {
			if s.history.end-a.position > backlog {
				a.lagging = true
			}
		}
		s.changed.Broadcast()
	})
	for s.behind() {
		s.changed.Wait()
	}
	timer.Stop()
	return true
}

func (s *session) behind() bool {
	for a := range s.attached {
		if !a.lagging && s.history.end-a.position > backlog {
			return true
		}
	}
	return false
}

func (s *session) running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended
}

func (s *session) info() info.Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return info.Session{Session: s.id, Attached: len(s.attached), PID: s.pid}
}

func (s *session) hangUp() {
	s.reaper.Signal(s.pid, unix.SIGHUP)
	s.reaper.Signal(s.pid, unix.SIGCONT)
}

// join adds an attachment; ok is false where the session has ended.
func (s *session) join(a *attachment) (attached int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return 0, false
	}
	s.attached[a] = true
	a.position = s.history.end
	a.replay = s.history.snapshot()
	s.activate(a)
	return len(s.attached), true
}

func (s *session) leave(a *attachment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.attached, a)
	if s.active == a {
		s.active = nil
		for other := range s.attached {
			s.active = other
		}
	}
	s.changed.Broadcast()
}

// activate makes an attachment that attached, resized or typed the one whose size the terminal has, and
// which answers the questions to the terminal. s.mu is held.
func (s *session) activate(a *attachment) {
	s.active = a
	if a.rows == s.rows && a.cols == s.cols {
		return
	}
	if s.pty.Resize(a.rows, a.cols) == nil {
		s.rows, s.cols = a.rows, a.cols
	}
}
