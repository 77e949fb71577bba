package console

import (
	"sync"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/console/vt"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/terminal"

	"golang.org/x/sys/unix"
)

type request struct {
	Env map[string]string `json:"env"`
	terminal.Request
}

// attachment is one host at a session's terminal.
type attachment struct {
	manager *Manager
	env     map[string]string
	input   *channel.Input

	// early guards session, and what follows until the session is joined; from then on the session's lock
	// guards that.
	early      sync.Mutex
	session    *session
	rows, cols uint16
	gone       bool
	position   int64     // output sent so far
	replay     []segment // to be sent before anything else
	lagging    bool      // it did not read in time: its output is dropped until it gets a new replay
	due        int       // credit to be sent

	// What follows belongs to Run.
	filter   vt.Filter
	filtered []byte
}

// Opener makes console operations.
func (m *Manager) Opener() channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		var q request
		if err := protocol.ParseObject(open, &q); err != nil {
			return nil, err
		}
		if !m.Entrypoint.Accessible || len(m.Entrypoint.Argv) == 0 {
			return nil, &protocol.Failure{Code: "not_accessible", Message: "this image is sealed: it has no console"}
		}
		if f := q.Request.Check(); f != nil {
			return nil, f
		}
		if !process.ValidEnvironment(q.Env) {
			return nil, channel.BadRequest("env has an empty name, or a name or value that no process can have")
		}
		a := &attachment{manager: m, env: q.Env, input: channel.NewInput()}
		a.rows, a.cols = q.Size()
		return a, nil
	}
}

// Data implements channel.Operation.
func (a *attachment) Data(p []byte) error {
	if err := a.input.Put(p); err != nil {
		return err
	}
	// Input is granted only once the session has been joined. The last host that typed sets the size.
	s := a.session
	s.mu.Lock()
	s.activate(a)
	s.mu.Unlock()
	if b, ok := a.input.Next(); ok {
		s.input.put(a, b)
	}
	return nil
}

// EOF implements channel.Operation. A terminal's input does not end; the host has no more.
func (a *attachment) EOF() error {
	a.input.End()
	return nil
}

// Resize implements channel.Operation.
func (a *attachment) Resize(rows, cols uint16) error {
	a.early.Lock()
	s := a.session
	if s == nil {
		a.rows, a.cols = rows, cols
		a.early.Unlock()
		return nil
	}
	a.early.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	a.rows, a.cols = rows, cols
	s.activate(a)
	return nil
}

// Signal implements channel.Operation: it goes to the terminal's foreground group.
func (a *attachment) Signal(sig unix.Signal) error {
	a.early.Lock()
	s := a.session
	a.early.Unlock()
	if s == nil {
		return nil
	}
	if group := s.pty.Foreground(); group > 0 {
		_ = unix.Kill(-group, sig)
	}
	return nil
}

// End implements channel.Operation.
func (a *attachment) End() {
	a.early.Lock()
	s := a.session
	if s == nil {
		a.gone = true
	}
	a.early.Unlock()
	if s == nil {
		return
	}
	s.mu.Lock()
	a.gone = true
	s.changed.Broadcast()
	s.mu.Unlock()
	s.input.orphan(a)
}

// typed says that the shell's terminal took n bytes of the input.
func (a *attachment) typed(n int) {
	a.session.mu.Lock()
	defer a.session.mu.Unlock()
	a.due += a.input.Consumed(n)
	if a.due > 0 {
		a.session.changed.Broadcast()
	}
}
