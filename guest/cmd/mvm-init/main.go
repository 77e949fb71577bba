// Command mvm-init is /init of every VM: PID 1 and the guest's end of the channels.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// version is set by the linker.
var version = "0.0.0-dev"

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintf(os.Stderr, "mvm-init %s is PID 1 of a virtual machine; there is nothing else it does.\n", version)
		os.Exit(2)
	}
	// While a child becomes its program, the thread that started it holds one of these: others go on.
	runtime.GOMAXPROCS(runtime.NumCPU() + 1)
	b := newBooter()
	if err := b.bootSafely(); err != nil {
		b.giveUp(err)
	}
	// A small heap that is swept often: what the agent holds, the guest's programs lack. Not before, since sweeping
	// takes time of the boot, which fills less than Go's smallest heap.
	debug.SetGCPercent(25)
	debug.SetMemoryLimit(24 << 20)
	// PID 1 never returns.
	select {}
}

func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "mvm: "+format+"\n", args...)
}
