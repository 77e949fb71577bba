// Package channel serves operations on byte streams that a host opens. It knows the protocol's order of
// things, and neither what the streams are made of nor what the operations do.
package channel

import (
	"errors"
	"time"
)

// Stream is the guest's end of a channel.
type Stream interface {
	// Read returns bytes as soon as there are any. ErrHostGone says that no host is there any more; the
	// next Read waits for the next one. Any other error is final.
	Read(p []byte) (int, error)
	// Write writes all of p unless the write deadline passes.
	Write(p []byte) (int, error)
	SetWriteDeadline(t time.Time) error
}

// ErrHostGone is returned by Stream.Read when the host closed its end.
var ErrHostGone = errors.New("the host is gone")

// ErrEnded is returned by a Sender whose operation is over.
var ErrEnded = errors.New("the operation is over")

// longAgo is a deadline that interrupts a write at once.
var longAgo = time.Unix(1, 0)
