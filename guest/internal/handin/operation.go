// Package handin is the operation `ssh`: it takes the SSH server that a host hands in, keeps it in memory, runs it, and passes
// connections on to it. The agent of sealed images does not have it.
package handin

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
)

// mostProgram is the size of the largest program that is taken, in bytes.
const mostProgram = 32 << 20

type request struct {
	// Digest is the program's SHA-256, in hex.
	Digest string `json:"digest"`
	// HostKey and UserKey are the server's business (internal/sshd).
	HostKey []byte `json:"hostKey"`
	UserKey []byte `json:"userKey"`
	// Env is what processes get on top of the image's environment.
	Env map[string]string `json:"env"`
}

type startedMessage struct {
	// Present: the guest has the program; the host sends none.
	Present bool `json:"present"`
}

type operation struct {
	channel.NoInput
	request
	keeper *Keeper
	input  *channel.Input
}

// Opener makes the operation.
func (k *Keeper) Opener() channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		o := &operation{keeper: k, input: channel.NewInput()}
		if err := protocol.ParseObject(open, &o.request); err != nil {
			return nil, err
		}
		if sum, err := hex.DecodeString(o.Digest); err != nil || len(sum) != 32 || o.Digest != strings.ToLower(o.Digest) {
			return nil, channel.BadRequest("digest is 64 hex digits")
		}
		if !process.ValidEnvironment(o.Env) {
			return nil, channel.BadRequest("env has an empty name, or a name or value that no process can have")
		}
		return o, nil
	}
}

// Data implements channel.Operation.
func (o *operation) Data(p []byte) error { return o.input.Put(p) }

// EOF implements channel.Operation.
func (o *operation) EOF() error {
	o.input.End()
	return nil
}

// End implements channel.Operation.
func (o *operation) End() { o.input.Close() }

// Run implements channel.Operation.
func (o *operation) Run(out *channel.Sender) {
	defer o.input.Close()
	present := o.keeper.has(o.Digest)
	out.SendObject(protocol.Started, startedMessage{present})
	if !present {
		if failure := o.take(out); failure != nil {
			out.SendObject(protocol.Error, failure)
			return
		}
	}
	if err := o.keeper.configure(o.config()); err != nil {
		out.SendObject(protocol.Error, &protocol.Failure{Code: "start_failed", Message: err.Error()})
		return
	}
	out.SendObject(protocol.Result, struct{}{})
}

// take reads the program and keeps it, if it is the one that was announced.
func (o *operation) take(out *channel.Sender) *protocol.Failure {
	p, err := newProgram()
	if err != nil {
		return &protocol.Failure{Code: "start_failed", Message: err.Error()}
	}
	o.input.Grant(out)
	for size := 0; ; {
		piece, ok := o.input.Next()
		if !ok {
			break
		}
		if size += len(piece); size > mostProgram {
			p.drop()
			return channel.BadRequest("the program is too large")
		}
		if err := p.write(piece); err != nil {
			p.drop()
			return &protocol.Failure{Code: "start_failed", Message: "keeping the program: " + err.Error()}
		}
		channel.SendCredit(out, o.input.Consumed(len(piece)))
	}
	if p.digest() != o.Digest {
		p.drop()
		return &protocol.Failure{Code: "bad_digest", Message: "the program is not the one that was announced"}
	}
	o.keeper.keep(p, o.Digest)
	return nil
}

// config is what the server is told.
func (o *operation) config() []byte {
	env := map[string]string{}
	for _, layer := range []map[string]string{o.keeper.Env, o.Env} {
		for k, v := range layer {
			env[k] = v
		}
	}
	text, _ := json.Marshal(map[string]any{
		"hostKey": o.HostKey, "userKey": o.UserKey, "env": env, "shell": o.keeper.Shell,
	})
	return text
}
