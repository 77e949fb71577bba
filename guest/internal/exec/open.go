// Package exec is the operation `exec`: one process, its streams and its end.
package exec

import (
	"strings"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/terminal"
)

type request struct {
	Argv  []string          `json:"argv"`
	Env   map[string]string `json:"env"`
	Cwd   string            `json:"cwd"`
	User  string            `json:"user"`
	TTY   bool              `json:"tty"`
	Stdin bool              `json:"stdin"`
	terminal.Request
}

// Opener makes exec operations. imageEnv is what the image gives every process.
func Opener(r *process.Reaper, imageEnv map[string]string) channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		var q request
		if err := protocol.ParseObject(open, &q); err != nil {
			return nil, err
		}
		if f := q.check(); f != nil {
			return nil, f
		}
		return &operation{reaper: r, imageEnv: imageEnv, request: q, input: channel.NewInput(), ended: make(chan struct{})}, nil
	}
}

func (q *request) check() *protocol.Failure {
	if len(q.Argv) == 0 || q.Argv[0] == "" {
		return channel.BadRequest("argv is empty")
	}
	for _, s := range append([]string{q.Cwd, q.User}, q.Argv...) {
		if strings.Contains(s, "\x00") {
			return channel.BadRequest("an argument contains a zero byte")
		}
	}
	if q.Cwd != "" && !strings.HasPrefix(q.Cwd, "/") {
		return channel.BadRequest("cwd is not an absolute path: " + q.Cwd)
	}
	if !process.ValidEnvironment(q.Env) {
		return channel.BadRequest("env has an empty name, or a name or value that no process can have")
	}
	return q.Request.Check()
}
