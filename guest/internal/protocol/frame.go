// Package protocol implements the wire format of generation 1 (protocol/PROTOCOL.md): frames, preambles
// and messages. It does no I/O.
package protocol

import (
	"encoding/binary"
	"fmt"
)

// Generation is the highest generation of the protocol that this agent speaks.
const Generation = 1

const (
	// HeaderSize is the length of a frame's header in bytes.
	HeaderSize = 8
	// MaxPayload is the longest payload in bytes that a frame may have.
	MaxPayload = 262144
	// DataChunk is the longest DATA payload in bytes that the agent sends. With its header such a frame
	// fills one virtio-serial write (the kernel's driver takes at most 32 KiB at a time).
	DataChunk = 32768 - HeaderSize
	// StreamChunk is the longest piece in bytes that the agent sends of a stream of the operation `streams`.
	StreamChunk = DataChunk - streamIDSize

	streamIDSize = 4
)

// Type is a frame's first byte.
type Type uint8

// The frame types of generation 1.
const (
	Hello  Type = 0x01
	Open   Type = 0x02
	Data   Type = 0x03
	EOF    Type = 0x04
	Resize Type = 0x05
	Signal Type = 0x06
	Close  Type = 0x07
	Ping   Type = 0x08

	StreamOpen   Type = 0x10
	StreamData   Type = 0x11
	StreamEnd    Type = 0x12
	StreamReset  Type = 0x13
	StreamWindow Type = 0x14

	Welcome Type = 0x81
	Started Type = 0x82
	Credit  Type = 0x84
	Live    Type = 0x85
	Event   Type = 0x86
	Exit    Type = 0x87
	Error   Type = 0x88
	Result  Type = 0x89
	Pong    Type = 0x8a
	Notice  Type = 0x8b
)

// Streams of DATA and EOF.
const (
	Stdin  uint8 = 0
	Stdout uint8 = 1
	Stderr uint8 = 2
	Replay uint8 = 3
)

// Frame is one frame; Payload may alias the decoder's buffer.
type Frame struct {
	Type    Type
	Stream  uint8
	Payload []byte
}

// Terminal reports whether the guest sends nothing more after a frame of this type.
func (t Type) Terminal() bool { return t == Exit || t == Error || t == Result }

// OfStream tells whether a frame of this type belongs to a stream of the operation `streams`.
func (t Type) OfStream() bool { return t >= StreamOpen && t <= StreamWindow }

// AppendHeader appends the header of a frame with a payload of n bytes to b.
func AppendHeader(b []byte, t Type, stream uint8, n int) []byte {
	b = append(b, byte(t), stream, 0, 0)
	return binary.BigEndian.AppendUint32(b, uint32(n))
}

// AppendFrame appends the encoded frame to b.
func AppendFrame(b []byte, f Frame) []byte {
	return append(AppendHeader(b, f.Type, f.Stream, len(f.Payload)), f.Payload...)
}

// AppendStreamFrame appends a frame of a stream of the operation `streams` to b.
func AppendStreamFrame(b []byte, t Type, id uint32, payload []byte) []byte {
	b = AppendHeader(b, t, 0, streamIDSize+len(payload))
	return append(binary.BigEndian.AppendUint32(b, id), payload...)
}

// StreamID reads the stream of such a frame, and what of the payload is behind it.
func StreamID(f Frame) (id uint32, rest []byte) {
	return binary.BigEndian.Uint32(f.Payload), f.Payload[streamIDSize:]
}

// Violation is a breach of the protocol by the other side.
type Violation struct{ Reason, Detail string }

func (v *Violation) Error() string {
	return fmt.Sprintf("protocol violation (%s): %s", v.Reason, v.Detail)
}

// Violate makes a Violation; the reasons are those of protocol/vectors/invalid.json.
func Violate(reason, format string, args ...any) *Violation {
	return &Violation{reason, fmt.Sprintf(format, args...)}
}
