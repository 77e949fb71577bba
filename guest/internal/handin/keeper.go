package handin

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"mvm/guest/internal/forward"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/process"
	"mvm/guest/internal/restart"
	"mvm/guest/internal/tcp"

	"golang.org/x/sys/unix"
)

// Keeper has the program, and the process that runs it.
type Keeper struct {
	Reaper *process.Reaper
	// Env is what every process in the image gets; Shell is what root's console runs.
	Env   map[string]string
	Shell []string

	mu      sync.Mutex
	program *program
	digest  string
	config  []byte
	control *os.File // our end of the server's socket; nil: it does not run
	pid     int
}

func (k *Keeper) has(digest string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.program != nil && k.digest == digest
}

// keep replaces the program. Connections of the one before end.
func (k *Keeper) keep(p *program, digest string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stop()
	if k.program != nil {
		k.program.drop()
	}
	k.program, k.digest = p, digest
}

// configure starts the server, anew where it was started with another configuration.
func (k *Keeper) configure(config []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !bytes.Equal(config, k.config) {
		k.stop()
		k.config = config
	}
	return k.start()
}

func (k *Keeper) stop() {
	if k.control == nil {
		return
	}
	k.Reaper.Signal(k.pid, syscall.SIGTERM)
	k.control.Close()
	k.control = nil
}

// start does nothing where the server runs. Each message on its socket is whole: first its configuration, then a
// connection each.
func (k *Keeper) start() error {
	if k.control != nil {
		return nil
	}
	if k.program == nil || k.config == nil {
		return errors.New("nobody has handed in a server")
	}
	ours, theirs, err := pair(unix.SOCK_SEQPACKET)
	if err != nil {
		return err
	}
	defer theirs.Close()
	// In this process, not in the child ("self"), where ForkExec may have put something else at that number by then.
	path := fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), k.program.file.Fd())
	pid, ended, err := k.Reaper.Start(path, []string{"mvm-ssh"}, &syscall.ProcAttr{
		Dir:   "/",
		Files: []uintptr{theirs.Fd(), os.Stdout.Fd(), os.Stderr.Fd()},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		ours.Close()
		return fmt.Errorf("starting the server: %w", err)
	}
	if err := send(ours, k.config, nil); err != nil {
		ours.Close()
		return fmt.Errorf("configuring the server: %w", err)
	}
	k.control, k.pid = ours, pid
	go func() {
		<-ended
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.control == ours {
			k.control.Close()
			k.control = nil
		}
	}()
	return nil
}

// Serve passes a stream on to the server.
func (k *Keeper) Serve(s *mux.Stream, _ []byte) {
	ours, err := k.connect()
	if err != nil {
		s.Reset("refused")
		return
	}
	socket, err := tcp.New(ours)
	if err != nil {
		ours.Close()
		s.Reset("unreachable")
		return
	}
	s.OnAbort(socket.Interrupt)
	forward.Join(s, socket)
	socket.Close()
}

// connect makes a connection to the server, which is started again if it has ended.
func (k *Keeper) connect() (*os.File, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.start(); err != nil {
		return nil, err
	}
	ours, theirs, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	if err := send(k.control, []byte{0}, theirs); err != nil {
		ours.Close()
		return nil, err
	}
	return ours, nil
}

// pair makes two connected sockets. Ours does not block.
func pair(kind int) (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	theirs = os.NewFile(uintptr(fds[1]), "socket")
	if err := unix.SetNonblock(fds[0], true); err != nil {
		unix.Close(fds[0])
		theirs.Close()
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(fds[0]), "socket"), theirs, nil
}

// send sends a message, with a descriptor or without. The server takes them as they come: where its line is full it has
// hundreds of connections that it has not looked at, and the next one fails.
func send(to *os.File, message []byte, file *os.File) error {
	var rights []byte
	if file != nil {
		rights = unix.UnixRights(int(file.Fd()))
	}
	raw, err := to.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Control(func(fd uintptr) {
		sent = restart.Call(func() error { return unix.Sendmsg(int(fd), message, rights, nil, unix.MSG_NOSIGNAL) })
	}); err != nil {
		return err
	}
	return sent
}
