// Package console is the operation `console`: the entrypoint's terminal session, which outlives those who
// attach to it.
package console

import (
	"sync"

	"mvm/guest/internal/info"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
)

// Entrypoint is what a session runs.
type Entrypoint struct {
	Argv       []string
	Env        map[string]string
	Accessible bool
}

// Manager holds the running session.
type Manager struct {
	Reaper     *process.Reaper
	Entrypoint Entrypoint

	mu      sync.Mutex
	current *session
	count   int
}

// Sessions lists the running sessions.
func (m *Manager) Sessions() []info.Session {
	m.mu.Lock()
	s := m.current
	m.mu.Unlock()
	if s == nil || !s.running() {
		return []info.Session{}
	}
	return []info.Session{s.info()}
}

// HangUp tells the sessions' shells that the machine goes down: interactive shells ignore TERM.
func (m *Manager) HangUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current != nil {
		m.current.hangUp()
	}
}

// attach joins the running session or starts one. Two at the same moment get the same.
func (m *Manager) attach(a *attachment, env map[string]string) (s *session, created bool, attached int, failure *protocol.Failure) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.current != nil {
		if attached, ok := m.current.join(a); ok {
			return m.current, false, attached, nil
		}
	}
	s, failure = m.start(env, a.rows, a.cols)
	if failure != nil {
		return nil, false, 0, failure
	}
	m.current = s
	attached, _ = s.join(a)
	return s, true, attached, nil
}
