// Package control is the operation `service`, by which hosts start and stop services. The agent of sealed
// images does not have it.
package control

import (
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/supervise"
)

// shownLines is how many lines of a service's log an error shows.
const shownLines = 10

// settle is how long a process runs at least whose start counts as one, where nothing says when it is ready.
const settle = time.Second

type request struct {
	Name   string `json:"name"`
	Action string `json:"action"`
}

type operation struct {
	channel.NoInput
	request
	s     *supervise.Supervisor
	logs  *logs.Book
	ended chan struct{}
}

// Opener makes service operations.
func Opener(s *supervise.Supervisor, l *logs.Book) channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		o := &operation{s: s, logs: l, ended: make(chan struct{})}
		if err := protocol.ParseObject(open, &o.request); err != nil {
			return nil, err
		}
		switch o.Action {
		case "start", "stop", "restart":
		default:
			return nil, channel.BadRequest("action is start, stop or restart")
		}
		if _, ok := s.Unit(o.Name); !ok {
			return nil, &protocol.Failure{Code: "no_such_service", Message: "there is no service " + o.Name + " in this VM"}
		}
		return o, nil
	}
}

// End implements channel.Operation.
func (o *operation) End() { close(o.ended) }

// Run implements channel.Operation. The requested action continues if the host leaves.
func (o *operation) Run(out *channel.Sender) {
	out.SendObject(protocol.Started, struct{}{})
	// A user who starts a service that waits for its next try does not want to wait.
	if u, _ := o.s.Unit(o.Name); o.Action != "start" || u.State == supervise.Backoff {
		// The stop is bounded by the service's own time.
		<-o.s.StopService(o.Name)
	}
	if o.Action == "stop" {
		u, _ := o.s.Unit(o.Name)
		out.SendObject(protocol.Result, u)
		return
	}
	o.s.StartService(o.Name)
	for {
		changed := o.s.Changed()
		u, _ := o.s.Unit(o.Name)
		var settled <-chan time.Time
		switch {
		case u.State == supervise.Ready:
			left := settle - time.Duration(*u.UptimeMs)*time.Millisecond
			if left <= 0 || o.s.HasReadiness(o.Name) {
				out.SendObject(protocol.Result, u)
				return
			}
			settled = time.After(left)
		case u.State == supervise.Stopped && u.Status != nil && *u.Status == 0: // it had something to do once
			out.SendObject(protocol.Result, u)
			return
		case u.State == supervise.Failed || u.State == supervise.Backoff || u.State == supervise.Stopped,
			u.State == supervise.Running && u.Message != "":
			out.SendObject(protocol.Error, &protocol.Failure{Code: "failed", Message: o.why(u)})
			return
		}
		select {
		case <-changed:
		case <-settled:
		case <-o.ended:
			return
		}
	}
}

// why says what is wrong with a service, with the end of its log.
func (o *operation) why(u supervise.Unit) string {
	message := "the service " + u.Name + " is " + u.State
	if u.Message != "" {
		message = "the service " + u.Name + ": " + u.Message
	}
	if tail := o.logs.Tail(u.Name, shownLines); tail != "" {
		message += "\n" + tail
	}
	return message
}
