package restart

import (
	"os"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// interrupted sends SIGURG to a thread without pause, as the runtime does when it preempts, while f runs on it.
func interrupted(t *testing.T, f func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, thread := unix.Getpid(), unix.Gettid()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
				_ = unix.Tgkill(pid, thread, unix.SIGURG)
				time.Sleep(50 * time.Microsecond)
			}
		}
	}()
	f()
	close(stop)
	<-stopped
}

func TestACallThatSignalsInterruptGoesOn(t *testing.T) {
	fds := make([]int, 2)
	if err := unix.Pipe(fds); err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fds[0])
	defer unix.Close(fds[1])
	time.AfterFunc(100*time.Millisecond, func() { _, _ = unix.Write(fds[1], []byte{1}) })
	calls := 0
	interrupted(t, func() {
		// poll is never restarted by the kernel.
		n, err := Value(func() (int, error) {
			calls++
			return unix.Poll([]unix.PollFd{{Fd: int32(fds[0]), Events: unix.POLLIN}}, 10_000)
		})
		if n != 1 || err != nil {
			t.Errorf("poll gave %d, %v", n, err)
		}
	})
	if calls < 2 {
		t.Errorf("no signal interrupted it")
	}
}

func TestOtherErrorsAreNotTriedAgain(t *testing.T) {
	calls := 0
	err := Call(func() error {
		calls++
		return unix.EBUSY
	})
	if calls != 1 || err != unix.EBUSY {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestAllIsWrittenAndRead(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fd := int(f.Fd())
	if err := PwriteAll(fd, []byte("some text"), 3); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	if n, err := PreadAll(fd, b, 3); n != 9 || err != nil || string(b[:n]) != "some text" {
		t.Errorf("read %d bytes, %v", n, err)
	}
}
