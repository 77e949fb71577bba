package listeners

import (
	"encoding/json"
	"slices"
	"time"

	"mvm/guest/internal/mux"
)

// pause is how often it is looked. That a program begins to listen is no event: the kernel's sock_diag announces the ends
// of connections alone. A look costs less than a millisecond, also where the guest is emulated, and is made only while
// a host asks.
const pause = time.Second

// Serve writes the ports as a line of JSON, at first and after each change, until the stream is over.
func Serve(s *mux.Stream, _ []byte) {
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
