package channel

import (
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// Operation is what an OPEN starts. Run works and sends; the other methods are called with the host's
// frames, possibly before Run, and must not block. An error they return is a breach of the protocol.
type Operation interface {
	// Run sends STARTED and what follows. It returns when the operation is over.
	Run(out *Sender)
	Data(p []byte) error
	EOF() error
	Resize(rows, cols uint16) error
	Signal(sig unix.Signal) error
	// End says that the host closed or went away. It is called at most once.
	End()
}

// StreamTaker is an Operation that carries streams.
type StreamTaker interface {
	// Stream takes a frame of one of them, as the methods of Operation take theirs.
	Stream(f protocol.Frame) error
}

// Opener makes an operation of an OPEN's payload. It must not block. An error is a *protocol.Failure or
// a *protocol.Violation.
type Opener func(open []byte) (Operation, error)

// NoInput is embedded by operations that take no frames from the host.
type NoInput struct{}

// Data refuses input: no credit was granted.
func (NoInput) Data([]byte) error {
	return protocol.Violate("credit", "this operation takes no input")
}

// EOF refuses the end of an input that does not exist.
func (NoInput) EOF() error { return protocol.Violate("order", "this operation takes no input") }

// Resize refuses a size: there is no terminal.
func (NoInput) Resize(_, _ uint16) error {
	return protocol.Violate("order", "this operation has no terminal")
}

// Signal refuses a signal: there is no process.
func (NoInput) Signal(unix.Signal) error {
	return protocol.Violate("order", "this operation has no process")
}

// End does nothing.
func (NoInput) End() {}

// Failed is an operation that could not be opened.
type failed struct {
	NoInput
	failure *protocol.Failure
}

func (f failed) Run(out *Sender) { out.SendObject(protocol.Error, f.failure) }
