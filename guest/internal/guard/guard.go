// Package guard keeps a fault in one part of the agent from ending PID 1, and with it the machine.
package guard

import (
	"fmt"
	"os"
	"runtime/debug"
)

// Run calls f. A fault in it is reported on the console and as the error.
func Run(what string, f func()) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			fmt.Fprintf(os.Stderr, "mvm: a fault in %s: %v\n%s", what, fault, debug.Stack())
			err = fmt.Errorf("a fault in the agent: %v", fault)
		}
	}()
	f()
	return nil
}

// Go calls f in a goroutine of its own.
func Go(what string, f func()) {
	go func() { _ = Run(what, f) }()
}
