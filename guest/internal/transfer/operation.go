// Package transfer is the operation `copy`: a file or a tree of this machine, to the host or from it.
package transfer

import (
	"errors"
	"strings"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/tree"
)

type request struct {
	Direction string `json:"direction"`
	Path      string `json:"path"`
	// Recursive: folders are read, too.
	Recursive bool `json:"recursive"`
	// Name is what is written is called in the folder at Path; empty: it is called Path.
	Name string `json:"name"`
}

type startedMessage struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
	Size int64  `json:"size"`
}

type resultMessage struct {
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
}

// Opener makes the operation.
func Opener() channel.Opener {
	return func(open []byte) (channel.Operation, error) {
		var q request
		if err := protocol.ParseObject(open, &q); err != nil {
			return nil, err
		}
		if strings.Contains(q.Path, "\x00") {
			return nil, channel.BadRequest("the path contains a zero byte")
		}
		root, failure := process.FindUser("")
		if failure != nil {
			return nil, failure
		}
		path, slash := tree.Absolute(q.Path, root.Home)
		switch q.Direction {
		case "read":
			return &reading{path: path, slash: slash, recursive: q.Recursive}, nil
		case "write":
			return &writing{path: path, slash: slash, name: q.Name, input: channel.NewInputOf(window)}, nil
		}
		return nil, channel.BadRequest("the direction is neither read nor write")
	}
}

// reading is the operation that sends a tree.
type reading struct {
	channel.NoInput
	path      string
	slash     bool
	recursive bool
}

// Run implements channel.Operation. A host that goes makes the next Send fail.
func (o *reading) Run(out *channel.Sender) {
	r, failure := tree.NewReader(o.path, o.slash, o.recursive)
	if failure != nil {
		out.SendObject(protocol.Error, failure)
		return
	}
	defer r.Close()
	path, kind := r.Place()
	out.SendObject(protocol.Started, startedMessage{Path: path, Kind: kind, Size: r.Size()})
	err := r.Run(protocol.DataChunk, func(piece []byte) error { return out.Send(protocol.Data, protocol.Stdout, piece) })
	if err != nil {
		end(out, err)
		return
	}
	out.SendObject(protocol.Result, resultMessage{})
}

// end tells a host that is there why nothing more comes.
func end(out *channel.Sender, err error) {
	var failure *protocol.Failure
	var malformed *tree.Malformed
	switch {
	case errors.Is(err, channel.ErrEnded):
		return
	case errors.As(err, &failure):
	case errors.As(err, &malformed):
		failure = &protocol.Failure{Code: "bad_tree", Message: malformed.Error()}
	default:
		failure = &protocol.Failure{Code: "internal", Message: err.Error()}
	}
	out.SendObject(protocol.Error, failure)
}
