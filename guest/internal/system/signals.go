package system

import (
	"os"
	"os/signal"
	"syscall"
)

// OnSignals calls off when the guest asks for the end: busybox's reboot sends TERM to PID 1, halt USR1 and
// poweroff USR2; Ctrl-Alt-Del is INT, a failing power supply PWR. All other signals are caught and left
// alone: Go would end the program, and the kernel panics without PID 1.
func OnSignals(off func()) {
	var caught []os.Signal
	for n := syscall.Signal(1); n < 65; n++ {
		switch n {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPROF, 32, 33, 34:
			// Not to be caught, or used by the runtime and the reaper.
		default:
			caught = append(caught, n)
		}
	}
	c := make(chan os.Signal, 8)
	signal.Notify(c, caught...)
	go func() {
		for s := range c {
			switch s {
			case syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGINT, syscall.SIGPWR:
				off()
			}
		}
	}()
}
