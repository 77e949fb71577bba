package exec

import (
	"os"
	"sync"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/pty"
)

// streams are both ends of a process's files.
type streams struct {
	child  [3]*os.File
	stdin  *os.File
	stdout *os.File
	stderr *os.File // nil with a terminal
	pty    *pty.Pair
	shared bool // with a terminal, stdin and stdout are one file
}

func (o *operation) streams() (*streams, error) {
	if o.request.TTY {
		rows, cols := o.request.Size()
		p, err := pty.Open(rows, cols)
		if err != nil {
			return nil, err
		}
		return &streams{child: [3]*os.File{p.Slave, p.Slave, p.Slave}, stdin: p.Master, stdout: p.Master, pty: p}, nil
	}
	s := &streams{}
	var err error
	if o.request.Stdin {
		s.child[0], s.stdin, err = process.Pipe(false)
	} else {
		s.child[0], err = os.Open("/dev/null")
	}
	if err == nil {
		s.child[1], s.stdout, err = process.Pipe(true)
	}
	if err == nil {
		s.child[2], s.stderr, err = process.Pipe(true)
	}
	if err != nil {
		s.closeChild()
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *streams) closeChild() {
	if s.pty != nil {
		s.pty.CloseSlave()
		return
	}
	for _, f := range s.child {
		if f != nil {
			f.Close()
		}
	}
}

func (s *streams) close() {
	if s.stdin != nil {
		s.stdin.Close()
	}
	if s.pty != nil {
		s.pty.CloseSlave()
	}
}

// pump sends what the process writes. The group is done when all of it was sent.
func (s *streams) pump(out *channel.Sender, exited <-chan struct{}) *sync.WaitGroup {
	var g sync.WaitGroup
	one := func(f *os.File, stream uint8) {
		g.Add(1)
		go func() {
			defer g.Done()
			drained := process.CopyOutput(f, protocol.DataChunk, exited, func(b []byte) error {
				return out.Send(protocol.Data, stream, b)
			})
			if s.pty != nil {
				return
			}
			out.Send(protocol.EOF, stream, nil)
			if drained {
				f.Close()
			} else {
				go process.Swallow(f)
			}
		}()
	}
	one(s.stdout, protocol.Stdout)
	if s.stderr != nil {
		one(s.stderr, protocol.Stderr)
	}
	return &g
}
