package process

import (
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// confined calls start on a thread that has no_new_privs set. The flag belongs to a thread, children inherit
// it from the one that forks, and it is never taken back: so there is one thread that does nothing else. Go
// makes no other thread from one that is locked, so that nothing else gets the flag. (syscall.SysProcAttr
// cannot ask for it.)
func confined(start func() error) error {
	done := make(chan error)
	confinement() <- func(flag error) {
		if flag != nil {
			done <- os.NewSyscallError("prctl(PR_SET_NO_NEW_PRIVS)", flag)
		} else {
			done <- start()
		}
	}
	return <-done
}

var confinement = sync.OnceValue(func() chan<- func(error) {
	calls := make(chan func(error))
	go func() {
		runtime.LockOSThread()
		flag := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
		for call := range calls {
			call(flag)
		}
	}()
	return calls
})
