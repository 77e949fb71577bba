package logs

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"
)

type request struct {
	Service     string `json:"service"`
	Follow      bool   `json:"follow"`
	SinceUnixMs int64  `json:"sinceUnixMs"`
	Tail        *int64 `json:"tail"`
	Each        bool   `json:"each"`
}

type operation struct {
	channel.NoInput
	book    *Book
	logs    []named
	request request
	ended   chan struct{}
}

// Opener makes logs operations.
func (b *Book) Opener() channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		o := &operation{book: b, ended: make(chan struct{})}
		if err := protocol.ParseObject(open, &o.request); err != nil {
			return nil, err
		}
		if o.request.Tail != nil && *o.request.Tail < 0 {
			return nil, channel.BadRequest("tail is not negative")
		}
		o.logs = b.find(o.request.Service)
		if len(o.logs) == 0 && o.request.Service != "" {
			return nil, &protocol.Failure{Code: "no_such_service", Message: "there is no service " + o.request.Service + " in this VM"}
		}
		return o, nil
	}
}

// End implements channel.Operation.
func (o *operation) End() { close(o.ended) }

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	out.SendObject(protocol.Started, struct{}{})
	// Lines are in the order of their times: the last n of those since a time are those of the last n that are
	// since that time.
	since, tail := o.request.SinceUnixMs, int64(-1)
	if o.request.Tail != nil {
		tail = *o.request.Tail
	}
	// Who follows gets all that is written before the power goes.
	var over <-chan struct{}
	if m := o.book.Machine; m != nil && o.request.Follow {
		defer m.Attend()()
		over = m.Over()
	}
	o.settle()
	skip := int64(0)
	if !o.request.Each {
		skip = excess(o.logs, tail)
	}
	m := merge(o.logs, tail, !o.request.Follow)
	text := make([]byte, 0, protocol.DataChunk)
	for last := !o.request.Follow; ; {
		changed := o.book.notice.Changed()
		for c := range m.records {
			text = c.append(c.appendGap(text), since, &skip, goesOn)
			for len(text) >= protocol.DataChunk {
				if out.Send(protocol.Data, protocol.Stdout, text[:protocol.DataChunk]) != nil {
					return
				}
				text = text[:copy(text, text[protocol.DataChunk:])]
			}
		}
		if len(text) > 0 && out.Send(protocol.Data, protocol.Stdout, text) != nil {
			return
		}
		text = text[:0]
		if last {
			break
		}
		select {
		case <-changed:
		case <-over:
			o.settle()
			last = true
		case <-o.ended:
			return
		}
	}
	dropped := int64(0)
	for _, l := range o.logs {
		dropped += l.ring.Dropped()
	}
	if out.SendObject(protocol.Result, map[string]int64{"dropped": dropped}) == nil && o.request.Follow {
		// The write has only handed the bytes to the VMM: they are through when the host closes.
		<-o.ended
	}
}

// settle makes what is on its way to the logs a part of them.
func (o *operation) settle() {
	for _, l := range o.logs {
		l.ring.settle()
	}
}
