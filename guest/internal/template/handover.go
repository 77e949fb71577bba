// Package template is of a machine that has booted and is no VM yet: it waits to be told which one it is
// (protocol/PROTOCOL.md, "Templates").
package template

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"mvm/guest/internal/channel"
)

const (
	// Waiting is what a template says when it can be saved.
	Waiting = "mvm template 1\n"
	// mark is what a configuration begins with; its length follows, in 4 bytes, and then the configuration.
	mark       = "mvm configure 1\n"
	headerSize = len(mark) + 4
	// maxConfiguration is in bytes.
	maxConfiguration = 16 << 20
)

// sayWithin is how long the host may take to hear that the template waits: it has been connected since the machine was switched on.
const sayWithin = 10 * time.Second

// errNoConfiguration is of a host that wants something else: it takes the template for a VM.
var errNoConfiguration = errors.New("this is no configuration")

// Await says that the template waits, and reads the configuration of the VM that it is to be. It reads nothing beyond that.
// An error is final: a host that is gone by then will not come back, and another knows nothing of this machine.
func Await(host channel.Stream) ([]byte, error) {
	if err := host.SetWriteDeadline(time.Now().Add(sayWithin)); err != nil {
		return nil, err
	}
	if _, err := host.Write([]byte(Waiting)); err != nil {
		return nil, err
	}
	if err := host.SetWriteDeadline(time.Time{}); err != nil {
		return nil, err
	}
	header := make([]byte, headerSize)
	if err := fill(host, header); err != nil {
		return nil, err
	}
	if string(header[:len(mark)]) != mark {
		return nil, errNoConfiguration
	}
	size := binary.BigEndian.Uint32(header[len(mark):])
	if size > maxConfiguration {
		return nil, fmt.Errorf("a configuration of %d bytes; %d are possible", size, maxConfiguration)
	}
	text := make([]byte, size)
	return text, fill(host, text)
}

func fill(host channel.Stream, b []byte) error {
	for len(b) > 0 {
		n, err := host.Read(b)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}
