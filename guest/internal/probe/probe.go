// Package probe asks whether a service does its work: by a command, a port or a file.
package probe

import (
	"context"
	"fmt"
	"os"
	"strings"

	"mvm/guest/internal/process"
	"mvm/guest/internal/tcp"

	"golang.org/x/sys/unix"
)

// Prober makes one attempt, within its context. The error says what is missing.
type Prober func(context.Context) error

// Port reports whether something answers on a TCP port of this machine.
func Port(port int) Prober {
	return func(ctx context.Context) error {
		if f, err := tcp.Dial(ctx, port); err == nil {
			f.Close()
			return nil
		}
		return fmt.Errorf("nothing answers on port %d", port)
	}
}

// File reports whether a file exists.
func File(path string) Prober {
	return func(context.Context) error {
		if _, err := os.Lstat(path); err != nil {
			return fmt.Errorf("%s does not exist", path)
		}
		return nil
	}
}

// saidBytes is how much of a command's output is read for the message.
const saidBytes = 512

// Command runs a command, whose status must be 0. What it leaves behind is killed when it ends or its time is
// over.
func Command(r *process.Reaper, c process.Command) Prober {
	return func(ctx context.Context) error {
		read, status, pid, err := start(r, c)
		if err != nil {
			return err
		}
		defer read.Close()
		said := make(chan string, 1)
		go func() { said <- firstOutput(read) }()
		var end process.Status
		var late error
		select {
		case end = <-status:
		case <-ctx.Done():
			late = fmt.Errorf("%s did not end in time", c.Argv[0])
		}
		_ = unix.Kill(-pid, unix.SIGKILL)
		if late != nil {
			<-status
			return late
		}
		if end.Code == 0 {
			return nil
		}
		text := fmt.Sprintf("%s ended with status %d", c.Argv[0], end.Code)
		select {
		case s := <-said:
			if s != "" {
				text += ": " + s
			}
		case <-ctx.Done():
		}
		return fmt.Errorf("%s", text)
	}
}

func start(r *process.Reaper, c process.Command) (read *os.File, status <-chan process.Status, pid int, err error) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, nil, 0, err
	}
	defer null.Close()
	write, read, err := process.Pipe(true)
	if err != nil {
		return nil, nil, 0, err
	}
	defer write.Close()
	c.Files = [3]*os.File{null, write, write}
	pid, status, failure := r.StartCommand(c)
	if failure != nil {
		read.Close()
		return nil, nil, 0, fmt.Errorf("%s", failure.Message)
	}
	return read, status, pid, nil
}

// firstOutput reads to the end, and returns the first line.
func firstOutput(f *os.File) string {
	buf, said := make([]byte, saidBytes), ""
	for {
		n, err := f.Read(buf)
		if said == "" {
			said, _, _ = strings.Cut(strings.TrimSpace(string(buf[:n])), "\n")
		}
		if err != nil {
			return strings.ToValidUTF8(said, "?")
		}
	}
}
