// Package boot keeps the account of a boot and serves it as the operation `boot`.
package boot

import (
	"sync"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// Event is one entry of the account.
type Event struct {
	Event    string `json:"event"`
	Stage    string `json:"stage,omitempty"`
	Message  string `json:"message,omitempty"`
	UptimeMs int64  `json:"uptimeMs"`
}

// Uptime is the time since the kernel started, in milliseconds.
func Uptime() int64 {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return 0
	}
	return t.Nano() / 1e6
}

// Journal collects events. The zero value is not ready; use NewJournal.
type Journal struct {
	mu      sync.Mutex
	events  []Event
	grown   chan struct{} // closed at the next event
	failed  bool
	Release chan struct{} // closed once a host that was told of a failure has closed
}

// NewJournal makes an empty account.
func NewJournal() *Journal { return &Journal{grown: make(chan struct{}), Release: make(chan struct{})} }

// Stage notes that a stage begins.
func (j *Journal) Stage(name string) { j.add(Event{Event: "stage", Stage: name}) }

// Ready notes the end of a good boot.
func (j *Journal) Ready() { j.add(Event{Event: "ready"}) }

// Failed notes the end of a bad one.
func (j *Journal) Failed(stage, message string) {
	j.add(Event{Event: "failed", Stage: stage, Message: message})
}

// Events returns the account so far.
func (j *Journal) Events() []Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.events[:len(j.events):len(j.events)]
}

func (j *Journal) add(e Event) {
	e.UptimeMs = Uptime()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
	j.failed = j.failed || e.Event == "failed"
	close(j.grown)
	j.grown = make(chan struct{})
}

// after returns the events from the nth on, and a channel that is closed when there are more.
func (j *Journal) after(n int) ([]Event, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.events[n:len(j.events):len(j.events)], j.grown
}

type operation struct {
	channel.NoInput
	journal *Journal
	ended   chan struct{}
}

// Opener makes boot operations.
func (j *Journal) Opener() channel.Opener {
	return func([]byte) (channel.Operation, error) {
		return &operation{journal: j, ended: make(chan struct{})}, nil
	}
}

// End implements channel.Operation.
func (o *operation) End() { close(o.ended) }

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	out.SendObject(protocol.Started, struct{}{})
	told := 0
	for {
		events, grown := o.journal.after(told)
		for _, e := range events {
			if out.SendObject(protocol.Event, e) != nil {
				return
			}
			if told++; e.Event == "failed" {
				<-o.ended
				o.journal.release()
				return
			}
		}
		select {
		case <-grown:
		case <-o.ended:
			return
		}
	}
}

func (j *Journal) release() {
	j.mu.Lock()
	defer j.mu.Unlock()
	select {
	case <-j.Release:
	default:
		close(j.Release)
	}
}
