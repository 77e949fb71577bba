package shutdown

import (
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

var reaper = process.NewReaper()

// machine records what is done to it, in order.
func machine(t *testing.T, pid int) (*Machine, func() []string, chan struct{}) {
	var mu sync.Mutex
	var done []string
	note := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		done = append(done, s)
	}
	off := make(chan struct{})
	return &Machine{
			Reaper: reaper,
			HangUp: func() { note("hangup") },
			Seal:   func() { note("seal") },
			Signal: func(s unix.Signal) { note(process.SignalName(s)); syscall.Kill(pid, s) },
			Off:    func() { note("off"); close(off) },
		}, func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(done)
		}, off
}

// start starts a script and waits until it says that it is up.
func start(t *testing.T, script string) int {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	pid, _, err := reaper.Start("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{Files: []uintptr{0, w.Fd(), 2}})
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return pid
}

func TestProcessesEndBeforeTheFileSystemsAreSealedAndTheHostIsTold(t *testing.T) {
	m, done, off := machine(t, start(t, "echo; exec sleep 100"))
	l := channeltest.Serve(t, map[string]channel.Opener{"shutdown": m.Opener()})
	h := channeltest.Open(t, l, map[string]any{"op": "shutdown", "timeoutMs": 10000})
	h.Expect(protocol.Started)
	h.Expect(protocol.Result)
	h.Conn.Close()
	<-off
	if got := done(); !slices.Equal(got, []string{"TERM", "CONT", "hangup", "seal", "off"}) {
		t.Fatal(got)
	}
}

func TestAProcessThatIgnoresTermIsKilledAfterTheTimeout(t *testing.T) {
	m, done, off := machine(t, start(t, "trap '' TERM; echo; while :; do sleep 0.05; done"))
	m.Begin(300_000_000)
	m.Begin(DefaultTimeout) // a second one joins the first
	<-off
	if got := done(); !slices.Equal(got, []string{"TERM", "CONT", "hangup", "KILL", "seal", "off"}) {
		t.Fatal(got)
	}
}

func TestAHostThatLeavesDoesNotStopTheShutdown(t *testing.T) {
	m, _, off := machine(t, start(t, "echo; exec sleep 100"))
	l := channeltest.Serve(t, map[string]channel.Opener{"shutdown": m.Opener()})
	h := channeltest.Open(t, l, map[string]any{"op": "shutdown"})
	h.Expect(protocol.Started)
	h.Conn.Close()
	<-off
}

func TestSenselessTimeoutsAreRefused(t *testing.T) {
	m, _, _ := machine(t, 0)
	l := channeltest.Serve(t, map[string]channel.Opener{"shutdown": m.Opener()})
	h := channeltest.Open(t, l, map[string]any{"op": "shutdown", "timeoutMs": -1})
	h.Fails("bad_request")
}
