//go:build storm

package main

import (
	"os"
	"runtime"
	"strconv"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// This is in no product: test/vm/mishaps/storm.test.ts builds it. From before main until the power is off, each of the agent's
// threads gets SIGURG without pause, as Go's runtime sends it now and then to preempt a goroutine.

// firstThreads is as far as process ids go while there is no /proc to ask.
const firstThreads = 256

func init() {
	begun := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		storm(begun)
	}()
	<-begun
}

func storm(begun chan struct{}) {
	self := unix.Gettid()
	for round := 0; ; round++ {
		for _, thread := range threads() {
			if thread != self {
				_ = unix.Tgkill(1, thread, unix.SIGURG)
			}
		}
		if round == 0 {
			close(begun)
		}
		// So that a guest of one CPU gets on at all.
		_ = restart.Call(func() error { return unix.Nanosleep(&unix.Timespec{Nsec: 50_000}, nil) })
	}
}

func threads() []int {
	var list []int
	entries, err := os.ReadDir("/proc/1/task")
	if err != nil {
		for n := 1; n < firstThreads; n++ {
			list = append(list, n)
		}
		return list
	}
	for _, e := range entries {
		if n, err := strconv.Atoi(e.Name()); err == nil {
			list = append(list, n)
		}
	}
	return list
}
