package tree

import (
	"encoding/binary"
	"strings"
)

// Handler takes the records of a tree in an order that the format allows. The entry at the top has no name.
type Handler interface {
	Folder(m Meta, name string) error
	File(m Meta, size int64, link uint32, name string) error
	Symlink(m Meta, name, target string) error
	Link(link uint32, name string) error
	// Data gets a piece of the file, in whatever pieces it came. p is valid during the call only.
	Data(p []byte) error
	Hole(n int64) error
	// End ends the file that is open, else the folder.
	End() error
	Skipped(why byte, path string) error
	Done() error
}

// Decoder reads records, in whatever pieces they come. It holds less than 5 KiB.
type Decoder struct {
	head    []byte // of the record that is incomplete: its header, and its payload unless it is a piece of a file
	left    int    // bytes that the piece of a file lacks
	depth   int    // folders that are open
	inFile  bool
	size    int64 // of the open file, so far
	begun   bool
	ended   bool // the entry at the top has ended
	done    bool
	highest uint32 // the last number of a file with several names
}

// limits are the shortest and the longest payload by kind, in bytes.
var limits = [...]struct{ least, most uint32 }{
	KindFolder:  {metaSize, metaSize + MaxName},
	KindFile:    {metaSize + 12, metaSize + 12 + MaxName},
	KindSymlink: {metaSize + 3, metaSize + 2 + MaxName + MaxTarget},
	KindLink:    {5, 4 + MaxName},
	KindData:    {1, MaxData},
	KindHole:    {8, 8},
	KindEnd:     {0, 0},
	KindSkipped: {2, 1 + MaxTarget},
	KindDone:    {0, 0},
}

// Feed reads p. Its error is a *Malformed, or what the handler returned; then nothing more may be fed.
func (d *Decoder) Feed(p []byte, h Handler) error {
	for len(p) > 0 {
		if d.left > 0 {
			n := min(d.left, len(p))
			d.left -= n
			if err := h.Data(p[:n]); err != nil {
				return err
			}
			p = p[n:]
			continue
		}
		var err error
		if p, err = d.record(p, h); err != nil {
			return err
		}
	}
	return nil
}

// Done tells whether the tree came to its end.
func (d *Decoder) Done() bool { return d.done }

// record takes a record, or as much of it as there is. It returns what is behind.
func (d *Decoder) record(p []byte, h Handler) ([]byte, error) {
	head := p
	if len(d.head) > 0 {
		n := min(HeaderSize-len(d.head), len(p))
		if n > 0 {
			d.head = append(d.head, p[:n]...)
			p = p[n:]
		}
		head = d.head
	}
	if len(head) < HeaderSize {
		d.keep(head)
		return nil, nil
	}
	kind, length := Kind(head[0]), binary.BigEndian.Uint32(head[1:])
	if err := d.check(kind, length); err != nil {
		return nil, err
	}
	if kind == KindData {
		if len(d.head) == 0 {
			p = p[HeaderSize:]
		}
		d.head, d.left = d.head[:0], int(length)
		return p, nil
	}
	whole := HeaderSize + int(length)
	if len(d.head) > 0 {
		n := min(whole-len(d.head), len(p))
		d.head = append(d.head, p[:n]...)
		p, head = p[n:], d.head
		if len(head) < whole {
			return nil, nil
		}
		d.head = d.head[:0]
	} else if len(head) < whole {
		d.keep(head)
		return nil, nil
	} else {
		p = p[whole:]
	}
	return p, d.take(kind, head[HeaderSize:whole], h)
}

func (d *Decoder) keep(head []byte) {
	if len(d.head) == 0 {
		d.head = append(d.head, head...)
	}
}

// check refuses a record as early as its header allows.
func (d *Decoder) check(k Kind, n uint32) error {
	switch {
	case k < KindFolder || k > KindDone:
		return malformed("kind", "unknown record 0x%02x", uint8(k))
	case n < limits[k].least || n > limits[k].most:
		return malformed("length", "a record 0x%02x of %d bytes", uint8(k), n)
	case d.done || !d.allowed(k):
		return malformed("order", "a record 0x%02x is out of place", uint8(k))
	}
	if k == KindData {
		return d.grow(int64(n))
	}
	return nil
}

func (d *Decoder) allowed(k Kind) bool {
	switch {
	case d.inFile:
		return k == KindData || k == KindHole || k == KindEnd
	case k == KindData || k == KindHole:
		return false
	case k == KindSkipped:
		return d.depth > 0
	case d.ended:
		return k == KindDone
	case d.depth == 0:
		return k == KindFolder || k == KindFile || k == KindSymlink
	}
	return k != KindDone
}

func (d *Decoder) grow(n int64) error {
	if n <= 0 || n > MaxSize-d.size {
		return malformed("payload", "a file of more than %d bytes", int64(MaxSize))
	}
	d.size += n
	return nil
}

func (d *Decoder) name(name string) (string, error) {
	if d.depth > 0 {
		return name, checkName(name)
	}
	if name != "" {
		return "", malformed("name", "the entry at the top has the name %.60q", name)
	}
	return name, nil
}

func (d *Decoder) take(k Kind, p []byte, h Handler) error {
	switch k {
	case KindFolder:
		return d.folder(p, h)
	case KindFile:
		return d.file(p, h)
	case KindSymlink:
		return d.symlink(p, h)
	case KindLink:
		return d.link(p, h)
	case KindHole:
		n := binary.BigEndian.Uint64(p)
		if n > MaxSize {
			return malformed("payload", "a hole of %d bytes", n)
		}
		if err := d.grow(int64(n)); err != nil {
			return err
		}
		return h.Hole(int64(n))
	case KindEnd:
		if d.inFile {
			d.inFile = false
		} else {
			d.depth--
		}
		d.ended = d.depth == 0
		return h.End()
	case KindSkipped:
		return h.Skipped(p[0], string(p[1:]))
	default:
		d.done = true
		return h.Done()
	}
}

func (d *Decoder) folder(p []byte, h Handler) error {
	m, err := meta(p)
	if err != nil {
		return err
	}
	name, err := d.name(string(p[metaSize:]))
	if err != nil {
		return err
	}
	if d.depth == MaxDepth {
		return malformed("depth", "more than %d folders in one another", MaxDepth)
	}
	d.depth++
	return h.Folder(m, name)
}

func (d *Decoder) file(p []byte, h Handler) error {
	m, err := meta(p)
	if err != nil {
		return err
	}
	size, link := binary.BigEndian.Uint64(p[metaSize:]), binary.BigEndian.Uint32(p[metaSize+8:])
	if size > MaxSize {
		return malformed("payload", "a file of %d bytes", size)
	}
	if link != 0 {
		if link <= d.highest {
			return malformed("payload", "the file %d comes after %d", link, d.highest)
		}
		d.highest = link
	}
	name, err := d.name(string(p[metaSize+12:]))
	if err != nil {
		return err
	}
	d.inFile, d.size = true, 0
	return h.File(m, int64(size), link, name)
}

func (d *Decoder) symlink(p []byte, h Handler) error {
	m, err := meta(p)
	if err != nil {
		return err
	}
	n, rest := int(binary.BigEndian.Uint16(p[metaSize:])), p[metaSize+2:]
	if n > len(rest) {
		return malformed("payload", "a name of %d bytes in a record of %d", n, len(p))
	}
	name, err := d.name(string(rest[:n]))
	if err != nil {
		return err
	}
	target := string(rest[n:])
	if target == "" || len(target) > MaxTarget || strings.Contains(target, "\x00") {
		return malformed("payload", "%.60q is not the target of a link", target)
	}
	d.ended = d.depth == 0
	return h.Symlink(m, name, target)
}

func (d *Decoder) link(p []byte, h Handler) error {
	link, name := binary.BigEndian.Uint32(p), string(p[4:])
	if link == 0 || link > d.highest {
		return malformed("payload", "another name of a file %d that did not come", link)
	}
	if err := checkName(name); err != nil {
		return err
	}
	return h.Link(link, name)
}

func meta(p []byte) (Meta, error) {
	mode := binary.BigEndian.Uint16(p)
	m := Meta{Seconds: int64(binary.BigEndian.Uint64(p[2:])), Nanoseconds: binary.BigEndian.Uint32(p[10:])}
	if mode != noMode {
		if mode&^modeBits != 0 {
			return m, malformed("payload", "the mode %o", mode)
		}
		m.Mode, m.HasMode = uint32(mode), true
	}
	if m.Nanoseconds >= 1e9 || m.Seconds < -MaxSize || m.Seconds > MaxSize {
		return m, malformed("payload", "the time %d s and %d ns", m.Seconds, m.Nanoseconds)
	}
	return m, nil
}
