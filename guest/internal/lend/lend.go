// Package lend lets programs of the guest reach the host's ssh-agent. A host opens streams that wait; each becomes the
// connection of a program that connects to a socket here. What is behind it, keys above all, stays outside.
package lend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"mvm/guest/internal/forward"
	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/tcp"
)

// What a waiting stream is told, a byte each: that programs can connect, and that one has, whose bytes follow.
const (
	listening = 0
	connected = 1
)

// Lender has a socket for each user that hosts lend to.
type Lender struct {
	// Dir is where the sockets are.
	Dir string

	mu    sync.Mutex
	doors map[string]*door
}

// door is the socket of one user. It is there as long as a stream waits for it or is connected through it.
type door struct {
	path    string
	socket  *tcp.Listener
	streams int
	accept  chan *os.File
	closed  chan struct{}
}

type openMessage struct {
	User string `json:"user"`
}

// Serve waits for a program and connects the stream to it.
func (l *Lender) Serve(s *mux.Stream, open []byte) {
	var m openMessage
	if protocol.ParseObject(open, &m) != nil || m.User == "" || strings.ContainsAny(m.User, "/\x00") {
		s.Reset("bad_request")
		return
	}
	d, err := l.open(m.User)
	if err != nil {
		s.Reset("unreachable")
		return
	}
	defer l.leave(m.User, d)
	over := make(chan struct{})
	s.OnAbort(func() { close(over) })
	if s.Write([]byte{listening}) != nil {
		return
	}
	var program *os.File
	select {
	case program = <-d.accept:
	case <-over:
		return
	}
	if s.Aborted() {
		// Both came at once: it is another's.
		guard.Go("the socket of a lent agent", func() { d.give(program) })
		return
	}
	socket, err := tcp.New(program)
	if err != nil {
		program.Close()
		s.Reset("unreachable")
		return
	}
	s.OnAbort(socket.Interrupt)
	if s.Write([]byte{connected}) == nil {
		forward.Join(s, socket)
	}
	socket.Close()
}

func (l *Lender) open(name string) (*door, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := l.doors[name]; d != nil {
		d.streams++
		return d, nil
	}
	user, failure := process.FindUser(name)
	if failure != nil {
		return nil, failure
	}
	if err := os.MkdirAll(l.Dir, 0o711); err != nil {
		return nil, err
	}
	path := filepath.Join(l.Dir, fmt.Sprintf("agent-%s.sock", name))
	// One that was left when a host was killed.
	_ = os.Remove(path)
	socket, err := tcp.ListenUnix(path)
	if err != nil {
		return nil, err
	}
	_ = os.Chmod(path, 0o600)
	_ = os.Chown(path, int(user.UID), int(user.GID))
	d := &door{path: path, socket: socket, streams: 1, accept: make(chan *os.File), closed: make(chan struct{})}
	if l.doors == nil {
		l.doors = map[string]*door{}
	}
	l.doors[name] = d
	guard.Go("the socket of a lent agent", d.serve)
	return d, nil
}

func (d *door) serve() {
	for {
		program, err := d.socket.Accept()
		if err != nil {
			return
		}
		d.give(program)
	}
}

// give waits for a stream that takes the program's connection, until there is none left.
func (d *door) give(program *os.File) {
	select {
	case d.accept <- program:
	case <-d.closed:
		program.Close()
	}
}

func (l *Lender) leave(name string, d *door) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d.streams--; d.streams > 0 {
		return
	}
	delete(l.doors, name)
	close(d.closed)
	d.socket.Close()
	_ = os.Remove(d.path)
}
