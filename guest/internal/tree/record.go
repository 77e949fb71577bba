// Package tree copies files and trees as a stream of records (protocol/PROTOCOL.md, "Trees"): it reads them from this
// machine's file systems, and writes them there so that nothing half has its final name, and nothing outside the target
// is touched.
package tree

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Kind is a record's first byte.
type Kind uint8

// The kinds of records.
const (
	KindFolder  Kind = 1
	KindFile    Kind = 2
	KindSymlink Kind = 3
	KindLink    Kind = 4
	KindData    Kind = 5
	KindHole    Kind = 6
	KindEnd     Kind = 7
	KindSkipped Kind = 8
	KindDone    Kind = 9
)

const (
	// HeaderSize is the length in bytes of what is before a record's payload: its kind and the payload's length.
	HeaderSize = 5
	// MaxData is the longest piece of a file in one record, in bytes.
	MaxData = 262144
	// MaxName is the longest name of an entry, in bytes.
	MaxName = 255
	// MaxTarget is the longest target of a symbolic link, in bytes.
	MaxTarget = 4095
	// MaxDepth is how many folders may be in one another.
	MaxDepth = 1000
	// MaxSize is the longest file, in bytes: what a number of JavaScript holds exactly.
	MaxSize = 1<<53 - 1

	metaSize = 14
	// noMode stands for the mode of what has none, as a stream.
	noMode = 0xffff
	// modeBits are those that are copied: not the ones that give a file's user or group to whoever runs it.
	modeBits = 0o1777
)

// Meta is what a record says of an entry besides its name.
type Meta struct {
	// Mode has the permission bits and the sticky bit. It counts where HasMode is set.
	Mode    uint32
	HasMode bool
	// Seconds and Nanoseconds since 1970 are the time of the last modification.
	Seconds     int64
	Nanoseconds uint32
}

// Malformed is a stream that breaks the rules of the format.
type Malformed struct{ Reason, Detail string }

func (m *Malformed) Error() string {
	return fmt.Sprintf("the tree is malformed (%s): %s", m.Reason, m.Detail)
}

func malformed(reason, format string, args ...any) error {
	return &Malformed{reason, fmt.Sprintf(format, args...)}
}

func begin(b []byte, k Kind, n int) []byte {
	return binary.BigEndian.AppendUint32(append(b, byte(k)), uint32(n))
}

func appendMeta(b []byte, m Meta) []byte {
	mode := uint16(noMode)
	if m.HasMode {
		mode = uint16(m.Mode & modeBits)
	}
	b = binary.BigEndian.AppendUint16(b, mode)
	b = binary.BigEndian.AppendUint64(b, uint64(m.Seconds))
	return binary.BigEndian.AppendUint32(b, m.Nanoseconds)
}

// AppendFolder appends the record that begins a folder to b.
func AppendFolder(b []byte, m Meta, name string) []byte {
	return append(appendMeta(begin(b, KindFolder, metaSize+len(name)), m), name...)
}

// AppendFile appends the record that begins a file. link is a number of its own for a file with several names, else 0.
func AppendFile(b []byte, m Meta, size int64, link uint32, name string) []byte {
	b = appendMeta(begin(b, KindFile, metaSize+12+len(name)), m)
	b = binary.BigEndian.AppendUint64(b, uint64(size))
	return append(binary.BigEndian.AppendUint32(b, link), name...)
}

// AppendSymlink appends the record of a symbolic link.
func AppendSymlink(b []byte, m Meta, name, target string) []byte {
	b = appendMeta(begin(b, KindSymlink, metaSize+2+len(name)+len(target)), m)
	b = binary.BigEndian.AppendUint16(b, uint16(len(name)))
	return append(append(b, name...), target...)
}

// AppendLink appends the record of another name of a file that came before.
func AppendLink(b []byte, link uint32, name string) []byte {
	return append(binary.BigEndian.AppendUint32(begin(b, KindLink, 4+len(name)), link), name...)
}

// AppendData appends a piece of a file.
func AppendData(b, p []byte) []byte { return append(begin(b, KindData, len(p)), p...) }

// AppendHole appends n bytes of a file that are zero and take no space.
func AppendHole(b []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(begin(b, KindHole, 8), uint64(n))
}

// AppendEnd appends the end of a file or folder.
func AppendEnd(b []byte) []byte { return begin(b, KindEnd, 0) }

// AppendSkipped appends what is not copied, and why: 'p' for a FIFO, 's' for a socket, 'd' for a device.
func AppendSkipped(b []byte, why byte, path string) []byte {
	path = path[:min(len(path), MaxTarget)]
	return append(append(begin(b, KindSkipped, 1+len(path)), why), path...)
}

// AppendDone appends the end of the tree.
func AppendDone(b []byte) []byte { return begin(b, KindDone, 0) }

// checkName refuses what is no name of an entry in a folder.
func checkName(name string) error {
	if len(name) == 0 || len(name) > MaxName || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return malformed("name", "%.60q is not a name", name)
	}
	return nil
}
