package listeners

import (
	"encoding/json"
	"slices"
	"sync/atomic"
	"time"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/protocol"
)

// pause is how often it is looked. That a program begins to listen is no event: the kernel's sock_diag announces the ends
// of connections alone. A look costs less than a millisecond, also where the guest is emulated, and is made only while
// a host asks.
const pause = time.Second

// followers is how many streams tell a host what listens, lapses how often the last of them ended.
var followers, lapses atomic.Int32

// Serve writes the ports as a line of JSON, at first and after each change, until the stream is over.
func Serve(s *mux.Stream, _ []byte) {
	follow()
	defer unfollow()
	over := make(chan struct{})
	s.OnAbort(func() { close(over) })
	ticks := time.NewTicker(pause)
	defer ticks.Stop()
	var told []int
	for first := true; ; first = false {
		if ports := Ports(); first || !slices.Equal(ports, told) {
			line, _ := json.Marshal(append([]int{}, ports...))
			if s.Write(append(line, '\n')) != nil {
				return
			}
			told = ports
		}
		select {
		case <-over:
			return
		case <-ticks.C:
		}
	}
}

func follow() { followers.Add(1) }

func unfollow() {
	if followers.Add(-1) == 0 {
		lapses.Add(1)
	}
}

// Host is whoever is at the machine with a shell or a program.
type Host interface {
	SendObject(t protocol.Type, v any) error
	Ended() <-chan struct{}
}

type notice struct {
	Listeners []int `json:"listeners"`
	Left      bool  `json:"left,omitempty"`
}

// Watch tells a host, until it ends, what listens after each change, and again where nothing follows the ports any more.
// The function that it returns is for the end of a program. It tells of processes that were left, which may be about to
// listen when whoever follows the ports gives up, and otherwise of what listens where nothing follows the ports.
func Watch(h Host) (leave func(left bool)) {
	guard.Go("the watch over the ports", func() {
		ticks := time.NewTicker(pause)
		defer ticks.Stop()
		var told []int
		lapsed := lapses.Load() - 1
		for {
			select {
			case <-h.Ended():
				return
			case <-ticks.C:
			}
			ports, lapse := Ports(), lapses.Load()
			if !slices.Equal(ports, told) || lapse != lapsed && len(ports) > 0 {
				if h.SendObject(protocol.Notice, notice{Listeners: append([]int{}, ports...)}) != nil {
					return
				}
				told = ports
			}
			lapsed = lapse
		}
	})
	return func(left bool) {
		if !left && followers.Load() > 0 {
			return
		}
		if ports := Ports(); left || len(ports) > 0 {
			_ = h.SendObject(protocol.Notice, notice{append([]int{}, ports...), left})
		}
	}
}
