package exec

import (
	"os"
	"sync"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/pty"

	"golang.org/x/sys/unix"
)

// hangUpGrace is how long a process group whose host went has to act on HUP.
const hangUpGrace = 2 * time.Second

type operation struct {
	reaper   *process.Reaper
	imageEnv map[string]string
	request  request
	input    *channel.Input
	ended    chan struct{} // closed by End

	mu      sync.Mutex
	pid     int       // 0 before the start and after the end
	pty     *pty.Pair // with tty
	pending []unix.Signal
}

// Data implements channel.Operation.
func (o *operation) Data(p []byte) error { return o.input.Put(p) }

// EOF implements channel.Operation.
func (o *operation) EOF() error {
	o.input.End()
	return nil
}

// Resize implements channel.Operation. A size that comes before the start is that of the start.
func (o *operation) Resize(rows, cols uint16) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.request.Rows, o.request.Cols = int(rows), int(cols)
	if o.pty != nil {
		_ = o.pty.Resize(rows, cols) // it fails only where the process has just ended
	}
	return nil
}

// Signal implements channel.Operation.
func (o *operation) Signal(sig unix.Signal) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.pid == 0 {
		if len(o.pending) < 16 {
			o.pending = append(o.pending, sig)
		}
		return nil
	}
	o.signal(sig)
	return nil
}

func (o *operation) signal(sig unix.Signal) {
	group := o.pid
	if o.pty != nil {
		if g := o.pty.Foreground(); g > 0 {
			group = g
		}
	}
	_ = unix.Kill(-group, sig)
}

// End implements channel.Operation.
func (o *operation) End() { close(o.ended) }

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	defer o.input.Close()
	io, err := o.streams()
	if err != nil {
		out.SendObject(protocol.Error, &protocol.Failure{Code: "start_failed", Message: err.Error()})
		return
	}
	defer io.close()
	select {
	case <-o.ended:
		return // nobody waits for it any more
	default:
	}
	pid, status, failure := o.start(io)
	if failure != nil {
		out.SendObject(protocol.Error, failure)
		return
	}
	out.SendObject(protocol.Started, map[string]int{"pid": pid})
	go o.feed(io.stdin, out)
	exited := make(chan struct{})
	outputs := io.pump(out, exited)
	var end process.Status
	select {
	case end = <-status:
	case <-o.ended:
		end = o.hangUp(pid, status)
	}
	o.mu.Lock()
	o.pid = 0
	o.mu.Unlock()
	close(exited)
	outputs.Wait()
	out.Leave(unix.Kill(-pid, 0) == nil)
	out.SendObject(protocol.Exit, protocol.ExitMessage{Status: end.Code, Signal: end.Signal})
}

func (o *operation) start(io *streams) (int, <-chan process.Status, *protocol.Failure) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if io.pty != nil {
		rows, cols := o.request.Size()
		if err := io.pty.Resize(rows, cols); err != nil {
			return 0, nil, &protocol.Failure{Code: "start_failed", Message: err.Error()}
		}
	}
	pid, status, failure := o.reaper.StartCommand(process.Command{
		Argv: o.request.Argv, Env: []map[string]string{o.imageEnv, o.request.Env},
		Dir: o.reaper.Dir(o.request.Cwd), User: o.request.User, Files: io.child, TTY: o.request.TTY,
	})
	io.closeChild()
	if failure != nil {
		return 0, nil, failure
	}
	o.pid, o.pty = pid, io.pty
	for _, sig := range o.pending {
		o.signal(sig)
	}
	return pid, status, nil
}

// hangUp ends the process group of a host that went.
func (o *operation) hangUp(pid int, status <-chan process.Status) process.Status {
	o.mu.Lock()
	o.signal(unix.SIGHUP)
	_ = unix.Kill(-pid, unix.SIGHUP)
	_ = unix.Kill(-pid, unix.SIGCONT)
	o.mu.Unlock()
	grace := time.NewTimer(hangUpGrace)
	defer grace.Stop()
	select {
	case end := <-status:
		// Others of the group may live on; their number is theirs as long as they do.
		<-grace.C
		_ = unix.Kill(-pid, unix.SIGKILL)
		return end
	case <-grace.C:
	}
	_ = unix.Kill(-pid, unix.SIGKILL)
	return <-status
}

// feed writes the host's input to the process.
func (o *operation) feed(stdin *os.File, out *channel.Sender) {
	if !o.request.Stdin {
		return
	}
	o.input.Grant(out)
	for {
		p, ok := o.input.Next()
		if !ok {
			break
		}
		// A process that reads no more does not end the operation: its input is dropped.
		_, _ = stdin.Write(p)
		channel.SendCredit(out, o.input.Consumed(len(p)))
	}
	if o.request.TTY {
		_, _ = stdin.Write([]byte{endOfTransmission})
	} else {
		stdin.Close()
	}
}

// endOfTransmission is what a terminal in its usual mode takes for the end of its input (Ctrl-D).
const endOfTransmission = 4
