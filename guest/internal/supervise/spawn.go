package supervise

import (
	"os"
	"sync"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
)

// failureStatus is the status that a shell gives for a program that could not be started.
func failureStatus(f *protocol.Failure) int {
	if f.Code == "not_found" {
		return 127
	}
	return 126
}

// command is what all processes of the unit have in common.
func (u *unit) command(argv []string) process.Command {
	c := process.Command{
		Argv: argv, Env: []map[string]string{u.s.Image.Env, u.s.Env, u.spec.Env},
		Dir: u.spec.WorkingDirectory, User: u.spec.User, Confined: true,
	}
	if u.group != nil {
		c.CgroupFD = u.group.FD()
	}
	return c
}

// spawn starts a process of the unit, with its output in the log.
func (u *unit) spawn(argv []string) (*run, *protocol.Failure) {
	var files, ours [3]*os.File
	defer func() {
		for _, f := range files {
			if f != nil {
				f.Close()
			}
		}
	}()
	var err error
	if files[0], err = os.Open(os.DevNull); err == nil {
		if files[1], ours[1], err = process.Pipe(true); err == nil {
			files[2], ours[2], err = process.Pipe(true)
		}
	}
	var pid int
	var ended <-chan process.Status
	failure := &protocol.Failure{Code: "start_failed"}
	if err != nil {
		failure.Message = err.Error()
	} else {
		c := u.command(argv)
		c.Files = files
		pid, ended, failure = u.s.Reaper.StartCommand(c)
	}
	if failure != nil {
		for _, f := range ours {
			if f != nil {
				f.Close()
			}
		}
		return nil, failure
	}
	output := make(chan struct{})
	var both sync.WaitGroup
	for stream := uint8(1); stream <= 2; stream++ {
		both.Add(1)
		guard.Go("the log of "+u.title(), func() {
			defer both.Done()
			raw, lines := u.taps(stream)
			u.log.Collect(ours[stream], stream, raw, lines)
		})
	}
	go func() { both.Wait(); close(output) }()
	return &run{pid, ended, output}, nil
}

// taps get the unit's output in addition to the log.
func (u *unit) taps(stream uint8) (raw, lines func([]byte)) {
	if !u.outward || u.s.Output == nil {
		return nil, nil
	}
	tap := func(p []byte) { u.s.Output(u.name, stream, p) }
	if u.last {
		return tap, nil
	}
	return nil, tap
}
