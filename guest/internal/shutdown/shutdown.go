// Package shutdown ends the machine: processes, file systems, power.
package shutdown

import (
	"sync"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// DefaultTimeout is how long processes have to act on TERM unless told otherwise.
const DefaultTimeout = 10 * time.Second

// killWait bounds the wait for processes after KILL; one that hangs in the kernel must not stop it all.
const killWait = 2 * time.Second

// farewell is how long hosts that were told of the end have to read it before the power goes. Each closes at
// once, unless it hangs.
const farewell = 2 * time.Second

// Machine is what is shut down.
type Machine struct {
	Reaper *process.Reaper
	// Services stops what is supervised, which may take StopTime. Both may be nil.
	Services func()
	StopTime func() time.Duration
	// HangUp asks interactive shells, which ignore TERM, to leave.
	HangUp func()
	// Seal makes the file systems safe to be left.
	Seal func()
	// Signal sends a signal to every process but the agent.
	Signal func(unix.Signal)
	// Off switches the machine off. It does not return in a VM.
	Off func()

	mu    sync.Mutex
	begun bool
	done  chan struct{} // closed when the file systems are sealed
	// hosts are the operations that are yet to be told of the end.
	hosts map[*host]bool
	told  chan struct{} // closed when there are none left
}

// Begin starts the shutdown, or joins the one that runs: the first timeout counts. The channel is closed
// when only the power is left.
func (m *Machine) Begin(timeout time.Duration) <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.begun {
		m.begun = true
		m.told = make(chan struct{})
		m.over()
		go m.run(timeout)
	}
	return m.done
}

// Over is closed when only the power is left.
func (m *Machine) Over() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.over()
}

// over is called with mu held.
func (m *Machine) over() chan struct{} {
	if m.done == nil {
		m.done = make(chan struct{})
	}
	return m.done
}

// Stopping reports whether the shutdown has begun.
func (m *Machine) Stopping() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.begun
}

func (m *Machine) run(timeout time.Duration) {
	if m.Services != nil {
		m.Services()
	}
	gone := m.Reaper.Childless()
	m.Signal(unix.SIGTERM)
	m.Signal(unix.SIGCONT)
	m.HangUp()
	if !within(gone, timeout) {
		m.Signal(unix.SIGKILL)
		within(gone, killWait)
	}
	m.Seal()
	close(m.done)
	m.mu.Lock()
	if len(m.hosts) > 0 {
		m.mu.Unlock()
		within(m.told, farewell)
	} else {
		m.mu.Unlock()
	}
	m.Off()
}

// host is one that must be told of the end.
type host struct{ _ byte }

// Attend makes the end of the machine wait for an operation whose host is yet to be told, until leave is
// called.
func (m *Machine) Attend() (leave func()) {
	h := &host{}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hosts == nil {
		m.hosts = map[*host]bool{}
	}
	m.hosts[h] = true
	return func() { m.leave(h) }
}

func (m *Machine) leave(h *host) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.hosts, h)
	if len(m.hosts) > 0 || !m.begun {
		return
	}
	select {
	case <-m.done:
		select {
		case <-m.told:
		default:
			close(m.told)
		}
	default:
	}
}

// within bounds how long a shutdown takes until the file systems are sealed.
func (m *Machine) within(timeout time.Duration) time.Duration {
	if m.StopTime != nil {
		timeout += m.StopTime()
	}
	return timeout + killWait
}

func within(c <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c:
		return true
	case <-t.C:
		return false
	}
}

type operation struct {
	channel.NoInput
	machine *Machine
	timeout time.Duration
	ended   chan struct{}
}

// Opener makes shutdown operations.
func (m *Machine) Opener() channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		var q struct {
			TimeoutMs *int64 `json:"timeoutMs"`
		}
		if err := protocol.ParseObject(open, &q); err != nil {
			return nil, err
		}
		o := &operation{machine: m, timeout: DefaultTimeout, ended: make(chan struct{})}
		if q.TimeoutMs != nil {
			if *q.TimeoutMs < 0 || *q.TimeoutMs > 3_600_000 {
				return nil, channel.BadRequest("timeoutMs is 0 to 3600000")
			}
			o.timeout = time.Duration(*q.TimeoutMs) * time.Millisecond
		}
		return o, nil
	}
}

// End implements channel.Operation.
func (o *operation) End() { close(o.ended) }

// Run implements channel.Operation. The shutdown continues if the host leaves.
func (o *operation) Run(out *channel.Sender) {
	defer o.machine.Attend()()
	out.SendObject(protocol.Started, map[string]int64{"withinMs": o.machine.within(o.timeout).Milliseconds()})
	<-o.machine.Begin(o.timeout)
	if out.SendObject(protocol.Result, struct{}{}) == nil {
		// The write has only handed the bytes to the VMM: they are through when the host closes.
		<-o.ended
	}
}
