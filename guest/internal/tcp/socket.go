package tcp

import (
	"io"
	"os"
	"sync"
	"syscall"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// pieces are buffers for reading. One is taken when there is something to read: a thousand idle connections hold none.
var pieces = sync.Pool{New: func() any { return new([32768]byte) }}

// Socket is a connected socket.
type Socket struct {
	*os.File
	raw syscall.RawConn
}

// New makes a Socket of what Dial returned.
func New(f *os.File) (*Socket, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &Socket{f, raw}
	// What a program writes at once is to arrive at once: the channel's frames are the only pieces.
	_ = s.option(unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	return s, nil
}

// Pieces hands what arrives to take, at most most bytes at a time, until the other side's end (nil) or an error.
func (s *Socket) Pieces(most int, take func(p []byte) error) error {
	for {
		var n int
		var buf *[32768]byte
		var err error
		waited := s.raw.Read(func(fd uintptr) bool {
			buf = pieces.Get().(*[32768]byte)
			n, err = restart.Read(int(fd), buf[:min(most, len(buf))])
			if err == unix.EAGAIN {
				pieces.Put(buf)
				return false
			}
			return true
		})
		if waited != nil {
			return waited
		}
		if n > 0 && err == nil {
			err = take(buf[:n])
		} else if err == nil {
			err = io.EOF
		}
		pieces.Put(buf)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Write writes all of b.
func (s *Socket) Write(b []byte) (written int, err error) {
	waited := s.raw.Write(func(fd uintptr) bool {
		for written < len(b) {
			var n int
			if n, err = restart.Write(int(fd), b[written:]); err == unix.EAGAIN {
				err = nil
				return false
			}
			if err != nil {
				return true
			}
			written += n
		}
		return true
	})
	if err == nil {
		err = waited
	}
	return written, err
}

// CloseWrite tells the other side that nothing more comes.
func (s *Socket) CloseWrite() error {
	var err error
	if waited := s.raw.Control(func(fd uintptr) { err = unix.Shutdown(int(fd), unix.SHUT_WR) }); waited != nil {
		return waited
	}
	return err
}

// Interrupt ends what waits for the socket, and what will.
func (s *Socket) Interrupt() { _ = s.SetDeadline(longAgo) }

// CloseAbruptly closes the socket so that the other side learns of it as of an error (RST).
func (s *Socket) CloseAbruptly() {
	_ = s.raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	})
	s.Close()
}

func (s *Socket) option(level, name, value int) (err error) {
	if waited := s.raw.Control(func(fd uintptr) { err = unix.SetsockoptInt(int(fd), level, name, value) }); waited != nil {
		return waited
	}
	return err
}
