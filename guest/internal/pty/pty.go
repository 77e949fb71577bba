// Package pty makes pseudo-terminals.
package pty

import (
	"fmt"
	"os"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// Pair is a pseudo-terminal. The master is non-blocking and known to Go's poller; the slave is for the
// child, and closed once it was started.
type Pair struct {
	Master *os.File
	Slave  *os.File
}

// Open makes a pseudo-terminal of the given size.
func Open(rows, cols uint16) (*Pair, error) {
	master, err := restart.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("/dev/ptmx: %w", err)
	}
	p := &Pair{Master: os.NewFile(uintptr(master), "ptmx")}
	if err := restart.Call(func() error { return unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0) }); err != nil {
		p.Close()
		return nil, fmt.Errorf("unlocking a pseudo-terminal: %w", err)
	}
	// Asked of the master, the slave needs no path: /dev/pts may be another one in a container.
	slave, err := restart.Ioctl(master, unix.TIOCGPTPEER, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC)
	if err != nil {
		p.Close()
		return nil, fmt.Errorf("opening a pseudo-terminal's slave: %w", err)
	}
	p.Slave = os.NewFile(slave, "pts")
	_ = restart.Call(func() error { return eraseWholeCharacters(int(slave)) })
	if err := p.Resize(rows, cols); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

func eraseWholeCharacters(terminal int) error {
	t, err := unix.IoctlGetTermios(terminal, unix.TCGETS)
	if err != nil {
		return err
	}
	t.Iflag |= unix.IUTF8
	return unix.IoctlSetTermios(terminal, unix.TCSETS, t)
}

// Resize sets the size; where it changes, the foreground processes get WINCH.
func (p *Pair) Resize(rows, cols uint16) error {
	var err error
	if e := p.control(func(fd int) {
		err = restart.Call(func() error {
			return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
		})
	}); e != nil {
		return e
	}
	if err != nil {
		return fmt.Errorf("setting a pseudo-terminal's size: %w", err)
	}
	return nil
}

// Foreground returns the terminal's foreground process group, or 0.
func (p *Pair) Foreground() (group int) {
	_ = p.control(func(fd int) {
		group, _ = restart.Value(func() (int, error) { return unix.IoctlGetInt(fd, unix.TIOCGPGRP) })
	})
	return group
}

// CloseSlave gives the slave up to the child.
func (p *Pair) CloseSlave() {
	if p.Slave != nil {
		p.Slave.Close()
		p.Slave = nil
	}
}

// Close hangs the terminal up.
func (p *Pair) Close() {
	p.CloseSlave()
	p.Master.Close()
}

func (p *Pair) control(f func(fd int)) error {
	raw, err := p.Master.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { f(int(fd)) })
}
