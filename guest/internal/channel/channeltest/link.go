// Package channeltest has what tests need to be a host: a stream that outlives its users, as a
// virtio-serial port does, and a client of the protocol.
package channeltest

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"mvm/guest/internal/channel"

	"golang.org/x/sys/unix"
)

// Link is a channel.Stream over socket pairs: one host after the other.
type Link struct {
	mu       sync.Mutex
	arrived  sync.Cond
	conn     net.Conn
	deadline time.Time
	closed   bool
}

// NewLink makes a link without a host.
func NewLink() *Link {
	l := &Link{}
	l.arrived.L = &l.mu
	return l
}

// Connect brings a host to the link, and returns its end.
func (l *Link) Connect() net.Conn {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		panic(err)
	}
	guest, host := conn(fds[0]), conn(fds[1])
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.conn != nil {
		l.arrived.Wait()
	}
	l.conn = guest
	guest.SetWriteDeadline(l.deadline)
	l.arrived.Broadcast()
	return host
}

func conn(fd int) net.Conn {
	f := os.NewFile(uintptr(fd), "socketpair")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		panic(err)
	}
	return c
}

// Close ends the link for good.
func (l *Link) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn != nil {
		l.conn.Close()
	}
	l.arrived.Broadcast()
}

func (l *Link) current() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for l.conn == nil && !l.closed {
		l.arrived.Wait()
	}
	if l.closed {
		return nil, net.ErrClosed
	}
	return l.conn, nil
}

// Read implements channel.Stream.
func (l *Link) Read(p []byte) (int, error) {
	c, err := l.current()
	if err != nil {
		return 0, err
	}
	n, err := c.Read(p)
	if err == nil {
		return n, nil
	}
	c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return n, net.ErrClosed
	}
	l.conn = nil
	l.arrived.Broadcast()
	return n, channel.ErrHostGone
}

// Write implements channel.Stream.
func (l *Link) Write(p []byte) (int, error) {
	l.mu.Lock()
	c := l.conn
	l.mu.Unlock()
	if c == nil {
		return 0, errors.New("no host")
	}
	return c.Write(p)
}

// SetWriteDeadline implements channel.Stream.
func (l *Link) SetWriteDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadline = t
	if l.conn == nil {
		return nil
	}
	return l.conn.SetWriteDeadline(t)
}
