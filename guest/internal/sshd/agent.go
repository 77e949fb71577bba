package sshd

import (
	"net"
	"os"
	"path/filepath"
)

// forwardAgent makes a socket that leads to the client's agent, for this session's program.
func (s *session) forwardAgent() bool {
	if s.started || s.agent != nil {
		return false
	}
	dir, err := os.MkdirTemp("", "ssh-")
	if err != nil {
		return false
	}
	_ = os.Chown(dir, int(s.user.UID), int(s.user.GID))
	path := filepath.Join(dir, "agent")
	l, err := s.listenUnix(path)
	if err != nil {
		os.RemoveAll(dir)
		return false
	}
	l.clean = func() { os.RemoveAll(dir) }
	s.agent = l
	s.env["SSH_AUTH_SOCK"] = path
	s.accept(l, "auth-agent@openssh.com", func(net.Conn) []byte { return nil })
	return true
}
