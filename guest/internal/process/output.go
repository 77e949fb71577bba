package process

import (
	"os"
	"time"
)

const (
	// lingering is how long output is awaited after the process ended, where something it started in the
	// background holds the streams open.
	lingering = 100 * time.Millisecond
	// afterEnd is how many bytes are then taken at most, so that a background process that writes for
	// ever keeps nothing open. What was written before the end fits into the pipe: 64 KiB.
	afterEnd = 1 << 20
)

// CopyOutput gives what a process writes to take, at most chunk bytes at once, until its end. It returns false where it
// gave up before that: take failed, or the process has exited and something else holds the file open.
func CopyOutput(from *os.File, chunk int, exited <-chan struct{}, take func([]byte) error) bool {
	done := make(chan struct{})
	defer close(done)
	go func() {
		select {
		case <-exited:
			_ = from.SetReadDeadline(time.Now().Add(lingering))
		case <-done:
		}
	}()
	buf := make([]byte, chunk)
	for left := afterEnd; left > 0; {
		n, err := from.Read(buf)
		if n > 0 && take(buf[:n]) != nil {
			return false
		}
		if err != nil {
			return !os.IsTimeout(err)
		}
		select {
		case <-exited:
			left -= n
			_ = from.SetReadDeadline(time.Now().Add(lingering))
		default:
		}
	}
	return false
}

// Swallow keeps a background process from being killed by PIPE for the output that nobody takes.
func Swallow(from *os.File) {
	defer from.Close()
	_ = from.SetReadDeadline(time.Time{})
	buf := make([]byte, 4096)
	for {
		if _, err := from.Read(buf); err != nil {
			return
		}
	}
}
