package transfer

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/tree"
)

// window is how many bytes the host may be ahead of the disk.
const window = 512 << 10

// writing is the operation that takes a tree.
type writing struct {
	channel.NoInput
	path  string
	slash bool
	name  string
	input *channel.Input
}

// Data implements channel.Operation.
func (o *writing) Data(p []byte) error { return o.input.Put(p) }

// EOF implements channel.Operation.
func (o *writing) EOF() error {
	o.input.End()
	return nil
}

// End implements channel.Operation: what the host did not complete is not kept.
func (o *writing) End() { o.input.Close() }

// Run implements channel.Operation.
func (o *writing) Run(out *channel.Sender) {
	defer o.input.Close()
	w, failure := tree.NewWriter(o.path, o.slash, o.name)
	if failure != nil {
		out.SendObject(protocol.Error, failure)
		return
	}
	path, kind := w.Place()
	out.SendObject(protocol.Started, startedMessage{Path: path, Kind: kind})
	err := o.take(w, out)
	w.Close() // before the last word: then nothing incomplete is left
	if err != nil {
		end(out, err)
		return
	}
	files, bytes := w.Totals()
	out.SendObject(protocol.Result, resultMessage{Files: files, Bytes: bytes})
}

func (o *writing) take(w *tree.Writer, out *channel.Sender) error {
	var d tree.Decoder
	o.input.Grant(out)
	for !d.Done() {
		p, ok := o.input.Next()
		if !ok {
			return &protocol.Failure{Code: "bad_tree", Message: "the tree has no end"}
		}
		if err := d.Feed(p, w); err != nil {
			return err
		}
		channel.SendCredit(out, o.input.Consumed(len(p)))
	}
	return nil
}
