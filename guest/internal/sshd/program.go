package sshd

import (
	"io"
	"os"
	"sync"

	"mvm/guest/internal/process"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// ownProgram is this program, which has no name: the agent keeps it in memory.
const ownProgram = "/proc/self/exe"

// run starts the program, and closes over when it has ended and the client knows.
func (s *session) run(argv []string, over chan struct{}) {
	files, err := s.files()
	if err != nil {
		s.fail(1, err.Error())
		close(over)
		return
	}
	s.mu.Lock()
	pid, status, failure := s.server.reaper.StartCommand(process.Command{
		Argv: argv, Env: []map[string]string{s.server.config.Env, s.env}, User: s.ssh.User(), Files: files.child, TTY: s.pty != nil,
	})
	s.pid = pid
	s.mu.Unlock()
	files.closeChild()
	if failure != nil {
		files.close()
		s.fail(map[string]uint32{"not_found": 127, "not_executable": 126}[failure.Code], failure.Message)
		close(over)
		return
	}
	go func() {
		_, _ = io.Copy(files.stdin, s.channel)
		files.endInput()
	}()
	go func() {
		defer close(over)
		exited := make(chan struct{})
		outputs := files.copyOut(s.channel, exited)
		end := <-status
		s.mu.Lock()
		s.pid = 0
		s.mu.Unlock()
		close(exited)
		outputs.Wait()
		s.tellEnd(end)
	}()
}

// rfc are the signals that the protocol has names for.
var rfc = map[string]bool{
	"ABRT": true, "ALRM": true, "FPE": true, "HUP": true, "ILL": true, "INT": true, "KILL": true, "PIPE": true,
	"QUIT": true, "SEGV": true, "TERM": true, "USR1": true, "USR2": true,
}

func (s *session) tellEnd(end process.Status) {
	if end.Signal == "" {
		s.end("exit-status", ssh.Marshal(struct{ Status uint32 }{uint32(end.Code)}))
		return
	}
	name := end.Signal
	if !rfc[name] {
		name += "@openssh.com"
	}
	s.end("exit-signal", ssh.Marshal(struct {
		Signal  string
		Core    bool
		Message string
		Lang    string
	}{Signal: name}))
}

// signal reports false for a signal that there is not, and where nothing runs.
func (s *session) signal(sig unix.Signal) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sig == 0 || s.pid == 0 {
		return false
	}
	group := s.pid
	if s.pty != nil {
		if g := s.pty.Foreground(); g > 0 {
			group = g
		}
	}
	return unix.Kill(-group, sig) == nil
}

// hangUp tells a program whose client is gone. One that ignores it, as nohup lets it, goes on.
func (s *session) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pid == 0 {
		return
	}
	if s.pty != nil {
		if g := s.pty.Foreground(); g > 0 {
			_ = unix.Kill(-g, unix.SIGHUP)
		}
	}
	_ = unix.Kill(-s.pid, unix.SIGHUP)
	_ = unix.Kill(-s.pid, unix.SIGCONT)
}

func (f *files) copyOut(channel ssh.Channel, exited <-chan struct{}) *sync.WaitGroup {
	var g sync.WaitGroup
	one := func(from *os.File, to io.Writer) {
		g.Add(1)
		go func() {
			defer g.Done()
			take := func(b []byte) error {
				_, err := to.Write(b)
				return err
			}
			if process.CopyOutput(from, 32768, exited, take) || f.isTerminal {
				from.Close()
			} else {
				go process.Swallow(from)
			}
		}()
	}
	one(f.stdout, channel)
	if f.stderr != nil {
		one(f.stderr, channel.Stderr())
	}
	return &g
}
