package entrypoint

import (
	"fmt"
	"sync"
	"time"

	"mvm/guest/internal/config"
	"mvm/guest/internal/guard"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/process"
	"mvm/guest/internal/supervise"
)

// lastLines is how many lines of a failed program's log go to the console.
const lastLines = 10

// Program is an entrypoint that is not a shell.
type Program struct {
	Kind string
	// Attend makes the power-off wait for a host that is yet to be told; it returns what ends the wait.
	Attend func() func()

	supervisor *supervise.Supervisor
	output     *output
	ended      chan struct{}
	status     process.Status // valid once ended is closed
	met        chan struct{}  // closed when the first host attaches
	meet       sync.Once
}

// New makes an entrypoint of the given kind.
func New(kind string) (*Program, error) {
	p := &Program{Kind: kind, Attend: func() func() { return func() {} }, ended: make(chan struct{}), met: make(chan struct{})}
	if kind == config.KindShell {
		return p, nil
	}
	var err error
	p.output, err = newOutput(kind == config.KindServices)
	return p, err
}

// Output takes what the entrypoint writes; it is nil where that is a shell.
func (p *Program) Output() func(unit string, stream uint8, text []byte) {
	if p.output == nil {
		return nil
	}
	return p.output.write
}

// AwaitHost returns when a host has attached, now or ever before, and at the latest after the given time.
func (p *Program) AwaitHost(patience time.Duration) {
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-p.met:
	case <-t.C:
	}
}

// Watch waits in the background for the entrypoint's end, says it on the console and calls end.
func (p *Program) Watch(s *supervise.Supervisor, book *logs.Book, say func(string, ...any), end func()) {
	p.supervisor = s
	if p.output == nil {
		return
	}
	guard.Go("the entrypoint's end", func() {
		for {
			changed := s.Changed()
			if status, why, ok := s.Ended(); ok {
				text := fmt.Sprintf("entrypoint ended with status %d", status.Code)
				if status.Code != 0 && why != "" {
					text += ": " + why
				}
				if status.Code != 0 && p.Kind == config.KindCommand {
					if tail := book.Tail(supervise.EntrypointName, lastLines); tail != "" {
						text += "\n" + tail[:len(tail)-1]
					}
				}
				say("%s", text)
				p.status = status
				close(p.ended)
				end()
				return
			}
			<-changed
		}
	})
}
