package sshd

import (
	"io"
	"strings"
	"sync"

	"mvm/guest/internal/process"
	"mvm/guest/internal/pty"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// mostVariables is how many variables a client may send.
const mostVariables = 1000

// session is one program of a client. Its requests come one after the other.
type session struct {
	*connection
	channel ssh.Channel
	env     map[string]string
	agent   *listener // of the client's agent, when it was asked for
	started bool

	mu  sync.Mutex
	pid int       // 0 before the start and after the end
	pty *pty.Pair // nil without a terminal
}

func (c *connection) session(offered ssh.NewChannel) {
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	s := &session{connection: c, channel: channel, env: map[string]string{}}
	over := make(chan struct{})
	for r := range requests {
		ok := s.request(r, over)
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
	}
	// The client closed the session, or is gone.
	if s.started {
		s.hangUp()
		<-over
	} else if s.pty != nil {
		s.pty.Close()
	}
	if s.agent != nil {
		s.agent.close()
	}
}

func (s *session) request(r *ssh.Request, over chan struct{}) bool {
	switch r.Type {
	case "pty-req":
		return s.makeTerminal(r.Payload)
	case "env":
		return s.setVariable(r.Payload)
	case "auth-agent-req@openssh.com":
		return s.forwardAgent()
	case "shell", "exec", "subsystem":
		argv, ok := s.argv(r)
		if !ok || s.started {
			return false
		}
		s.started = true
		// The reply comes before the program's output: clients take it for the start.
		if r.WantReply {
			_ = r.Reply(true, nil)
			r.WantReply = false
		}
		s.run(argv, over)
		return true
	case "window-change":
		var m struct{ Cols, Rows, Width, Height uint32 }
		if s.pty == nil || ssh.Unmarshal(r.Payload, &m) != nil {
			return false
		}
		return s.pty.Resize(size(m.Rows, 24), size(m.Cols, 80)) == nil
	case "signal":
		var m struct{ Name string }
		if ssh.Unmarshal(r.Payload, &m) != nil {
			return false
		}
		return s.signal(unix.SignalNum("SIG" + m.Name))
	}
	return false
}

func size(n uint32, otherwise uint16) uint16 {
	if n == 0 {
		return otherwise
	}
	return uint16(min(n, 65535))
}

func (s *session) makeTerminal(payload []byte) bool {
	var m struct {
		Term                      string
		Cols, Rows, Width, Height uint32
		Modes                     string
	}
	if s.started || s.pty != nil || ssh.Unmarshal(payload, &m) != nil {
		return false
	}
	pair, err := pty.Open(size(m.Rows, 24), size(m.Cols, 80))
	if err != nil {
		return false
	}
	s.pty = pair
	if m.Term != "" && !strings.Contains(m.Term, "\x00") {
		s.env["TERM"] = m.Term
	}
	return true
}

// setVariable takes every variable: whoever is here can log in as root.
func (s *session) setVariable(payload []byte) bool {
	var m struct{ Name, Value string }
	if ssh.Unmarshal(payload, &m) != nil || len(s.env) >= mostVariables {
		return false
	}
	if !process.ValidEnvironment(map[string]string{m.Name: m.Value}) {
		return false
	}
	s.env[m.Name] = m.Value
	return true
}

// argv is the program of a request.
func (s *session) argv(r *ssh.Request) ([]string, bool) {
	if r.Type == "shell" {
		if s.user.UID == 0 && len(s.server.config.Shell) > 0 {
			return s.server.config.Shell, true
		}
		return []string{s.shell(), "-l"}, true
	}
	var m struct{ Text string }
	if ssh.Unmarshal(r.Payload, &m) != nil || strings.Contains(m.Text, "\x00") {
		return nil, false
	}
	if r.Type == "subsystem" {
		return []string{ownProgram, SFTP}, m.Text == "sftp"
	}
	return []string{s.shell(), "-c", m.Text}, true
}

// shell is the user's shell, where it is in the image.
func (s *session) shell() string {
	if _, failure := process.Lookup(s.user.Shell, "", "/"); failure == nil && strings.HasPrefix(s.user.Shell, "/") {
		return s.user.Shell
	}
	return "sh"
}

// fail tells the client why its program does not run.
func (s *session) fail(status uint32, why string) {
	_, _ = io.WriteString(s.channel.Stderr(), "mvm: "+why+"\r\n")
	s.end("exit-status", ssh.Marshal(struct{ Status uint32 }{status}))
}

func (s *session) end(how string, payload []byte) {
	_, _ = s.channel.SendRequest(how, false, payload)
	_ = s.channel.CloseWrite()
	_ = s.channel.Close()
}
