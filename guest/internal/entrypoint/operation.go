package entrypoint

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

type operation struct {
	channel.NoInput
	p     *Program
	ended chan struct{}
}

// Opener makes entrypoint operations.
func (p *Program) Opener() channel.Opener {
	return func([]byte) (channel.Operation, error) {
		if p.output == nil {
			return nil, channel.BadRequest("the entrypoint is a shell: it has a console")
		}
		return &operation{p: p, ended: make(chan struct{})}, nil
	}
}

// Signal implements channel.Operation.
func (o *operation) Signal(sig unix.Signal) error {
	o.p.supervisor.Signal(sig)
	return nil
}

// End implements channel.Operation. The entrypoint keeps running.
func (o *operation) End() { close(o.ended) }

// gap is what a host is sent in the place of output that it missed.
var gap = []byte("\nmvm: output is missing here: it came faster than it was taken\n")

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	defer o.p.Attend()()
	o.p.meet.Do(func() { close(o.p.met) })
	r := o.p.output.attach()
	defer o.p.output.detach(r)
	out.SendObject(protocol.Started, map[string]*int{"pid": o.p.supervisor.EntrypointPID()})
	buf := make([]byte, 2*(logs.HeaderSize+logs.MaxText))
	for {
		changed, over := o.p.output.notice.Changed(), o.over()
		n, missed := o.p.output.read(r, buf)
		if missed && out.Send(protocol.Data, protocol.Stderr, gap) != nil {
			return
		}
		if n > 0 {
			if !o.send(out, r, buf[:n]) {
				return
			}
			continue
		}
		if over {
			break
		}
		select {
		case <-changed:
		case <-o.p.ended:
		case <-o.ended:
			return
		}
	}
	if out.SendObject(protocol.Exit, protocol.ExitMessage{Status: o.p.status.Code, Signal: o.p.status.Signal}) == nil {
		// The bytes are through when the host closes.
		<-o.ended
	}
}

// over reports whether the entrypoint has ended: then all its output is kept already.
func (o *operation) over() bool {
	select {
	case <-o.p.ended:
		return true
	default:
		return false
	}
}

func (o *operation) send(out *channel.Sender, r *reader, records []byte) bool {
	for len(records) > 0 {
		var record logs.Record
		record, records = logs.Next(records)
		if out.Send(protocol.Data, record.Stream, record.Text) != nil {
			return false
		}
		o.p.output.took(r, len(record.Text))
	}
	return true
}
