// Package udp carries datagrams between a stream and a port of this machine's loopback. In the stream, each datagram is
// behind its length, two bytes, big-endian.
package udp

import (
	"encoding/binary"
	"os"
	"sync"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// prefix is the size of a length in bytes, most the longest datagram.
const (
	prefix = 2
	most   = 65535
)

// The reasons for which a stream is reset.
const (
	refused     = "refused"     // nobody has the port
	unreachable = "unreachable" // another error
)

// buffers hold one datagram each.
var buffers = sync.Pool{New: func() any { return new([prefix + most]byte) }}

// peer is one of the host's, for whom the machine has a socket of its own: answers find back by it.
type peer struct {
	stream *mux.Stream
	port   int

	mu    sync.Mutex
	file  *os.File
	isV6  bool
	heard bool
	last  []byte // what was sent last, as long as nothing came back
}

// Serve carries datagrams until the stream is over, or ends.
func Serve(s *mux.Stream, port int) {
	p := &peer{stream: s, port: port}
	if err := p.open(unix.AF_INET, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		s.Reset(unreachable)
		return
	}
	defer p.close()
	var pending []byte
	for b := s.Take(); b != nil; b = s.Take() {
		pending = append(pending, b...)
		if s.Taken(b) != nil {
			return
		}
		for len(pending) >= prefix {
			size := int(binary.BigEndian.Uint16(pending))
			if len(pending) < prefix+size {
				break
			}
			p.send(pending[prefix : prefix+size])
			pending = pending[prefix+size:]
		}
		pending = append([]byte(nil), pending...)
	}
}

func (p *peer) open(family int, address unix.Sockaddr) error {
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return err
	}
	if err := restart.Call(func() error { return unix.Connect(fd, address) }); err != nil {
		unix.Close(fd)
		return err
	}
	f := os.NewFile(uintptr(fd), "datagrams")
	p.mu.Lock()
	p.file = f
	p.mu.Unlock()
	guard.Go("forwarded datagrams", func() { p.receive(f) })
	return nil
}

func (p *peer) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.file.Close()
}

// send sends a datagram. One that can't be sent is lost, as datagrams may be.
func (p *peer) send(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.heard {
		p.last = append(p.last[:0], b...)
	}
	if raw, err := p.file.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { _, _ = restart.Write(int(fd), b) })
	}
}

// receive hands on what comes back, until the socket is closed.
func (p *peer) receive(f *os.File) {
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	for {
		var n int
		var buf *[prefix + most]byte
		waited := raw.Read(func(fd uintptr) bool {
			buf = buffers.Get().(*[prefix + most]byte)
			n, err = restart.Read(int(fd), buf[prefix:])
			if err == unix.EAGAIN {
				buffers.Put(buf)
				return false
			}
			return true
		})
		if waited != nil {
			return
		}
		if err == nil {
			p.hear()
			binary.BigEndian.PutUint16(buf[:], uint16(n))
			err = p.stream.Write(buf[:prefix+n])
		}
		buffers.Put(buf)
		if err != nil {
			p.failed(f, err)
			return
		}
	}
}

func (p *peer) hear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard, p.last = true, nil
}

// failed tries the loopback of IPv6 where nobody has the port on the other, with what was sent last.
func (p *peer) failed(f *os.File, err error) {
	p.mu.Lock()
	again := err == unix.ECONNREFUSED && !p.isV6 && !p.heard
	p.isV6 = true
	last := p.last
	p.mu.Unlock()
	if again && p.open(unix.AF_INET6, &unix.SockaddrInet6{Port: p.port, Addr: [16]byte{15: 1}}) == nil {
		f.Close()
		p.send(last)
		return
	}
	if err == unix.ECONNREFUSED {
		p.stream.Reset(refused)
	} else {
		p.stream.Reset(unreachable)
	}
}
