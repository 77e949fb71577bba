package verity

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// The device-mapper's interface (include/uapi/linux/dm-ioctl.h): every request is a header of 312 bytes, with what
// belongs to it behind.
const (
	headerSize = 312
	specSize   = 40 // struct dm_target_spec
	bufferSize = 4096

	atVersion     = 0
	atDataSize    = 12
	atDataStart   = 16
	atTargetCount = 20
	atFlags       = 28
	atDev         = 40
	atName        = 48
	nameSize      = 128
)

type command uintptr

const (
	createDevice command = 3
	removeDevice command = 4
	resumeDevice command = 6 // "suspend" without its flag
	loadTable    command = 9
	tableStatus  command = 12
)

const flagReadOnly = 1

// number is _IOWR(0xfd, command, struct dm_ioctl).
func (c command) number() uintptr { return 3<<30 | headerSize<<16 | 0xfd<<8 | uintptr(c) }

// request is the buffer of one ioctl; the kernel answers in it.
type request struct{ bytes []byte }

func newRequest(name string, flags uint32) request {
	r := request{make([]byte, bufferSize)}
	binary.NativeEndian.PutUint32(r.bytes[atVersion:], 4)
	binary.NativeEndian.PutUint32(r.bytes[atDataSize:], bufferSize)
	binary.NativeEndian.PutUint32(r.bytes[atDataStart:], headerSize)
	binary.NativeEndian.PutUint32(r.bytes[atFlags:], flags)
	copy(r.bytes[atName:atName+nameSize-1], name)
	return r
}

// target adds the one target of a table. Sectors have 512 bytes.
func (r request) target(kind string, sectors uint64, parameters string) error {
	at := headerSize + specSize
	if at+len(parameters)+1 > bufferSize {
		return fmt.Errorf("the parameters of the %s target have %d bytes", kind, len(parameters))
	}
	binary.NativeEndian.PutUint32(r.bytes[atTargetCount:], 1)
	spec := r.bytes[headerSize:at]
	binary.NativeEndian.PutUint64(spec[8:], sectors)
	copy(spec[24:39], kind)
	copy(r.bytes[at:], parameters)
	return nil
}

// status is the first target's text in an answer to tableStatus.
func (r request) status() string {
	start := binary.NativeEndian.Uint32(r.bytes[atDataStart:])
	if binary.NativeEndian.Uint32(r.bytes[atTargetCount:]) == 0 || start > bufferSize-specSize {
		return ""
	}
	return unix.ByteSliceToString(r.bytes[start+specSize:])
}

// minor is the number of the device that an answer is about.
func (r request) minor() uint32 { return unix.Minor(binary.NativeEndian.Uint64(r.bytes[atDev:])) }

func (r request) do(control int, c command) error {
	_, err := restart.Ioctl(control, c.number(), uintptr(unsafe.Pointer(&r.bytes[0])))
	return err
}
