package sshd

import (
	"os"

	"mvm/guest/internal/process"
)

// files are both ends of a program's descriptors 0, 1 and 2.
type files struct {
	child      [3]*os.File
	stdin      *os.File
	stdout     *os.File
	stderr     *os.File // nil with a terminal
	isTerminal bool
}

func (s *session) files() (*files, error) {
	if s.pty != nil {
		slave := s.pty.Slave
		return &files{
			child: [3]*os.File{slave, slave, slave}, stdin: s.pty.Master, stdout: s.pty.Master, isTerminal: true,
		}, nil
	}
	f := &files{}
	var err error
	f.child[0], f.stdin, err = process.Pipe(false)
	if err == nil {
		f.child[1], f.stdout, err = process.Pipe(true)
	}
	if err == nil {
		f.child[2], f.stderr, err = process.Pipe(true)
	}
	if err != nil {
		f.closeChild()
		f.close()
		return nil, err
	}
	return f, nil
}

// closeChild gives up what is the program's.
func (f *files) closeChild() {
	for _, file := range f.child {
		if file != nil {
			file.Close() // a terminal's more than once, which does nothing
		}
	}
}

func (f *files) close() {
	for _, file := range []*os.File{f.stdin, f.stdout, f.stderr} {
		if file != nil {
			file.Close()
		}
	}
}

// endOfTransmission is what a terminal in its usual mode takes for the end of its input (Ctrl-D).
const endOfTransmission = 4

func (f *files) endInput() {
	if f.isTerminal {
		_, _ = f.stdin.Write([]byte{endOfTransmission})
	} else {
		f.stdin.Close()
	}
}
