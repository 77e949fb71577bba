package tree

import (
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// ordinary are the bits of a mode that a mask of this process leaves as they are asked for.
const ordinary = 0o755

// file is the one that is open.
type file struct {
	fd         int
	in         *folder
	name       string // at present
	final      string
	meta       Meta
	mode       uint32
	position   int64
	written    int64
	change     *change
	hasOwner   bool
	uid, gid   uint32
	isOrdinary bool // its mode is what it was made with
}

// File implements Handler.
func (w *Writer) File(m Meta, _ int64, link uint32, name string) error {
	f, name, failure := w.at(name, false)
	if failure != nil {
		return failure
	}
	o := &file{in: f, final: name, meta: m, mode: m.Mode}
	if !m.HasMode {
		o.mode = 0o644
	}
	if !f.made {
		if failure := w.replaces(f, name, o); failure != nil {
			return failure
		}
	}
	at, c, failure := w.reserve(f, name)
	if failure != nil {
		return failure
	}
	mode := uint32(0o600)
	if f.made && m.HasMode && m.Mode&^ordinary == 0 {
		mode, o.isOrdinary = m.Mode, true
	}
	fd, err := openat(f.fd, at, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|followNone, mode)
	if err != nil {
		return made(f, name, err)
	}
	o.fd, o.name, o.change = fd, at, c
	w.file = o
	if link != 0 {
		w.links[link] = &entry{in: f, name: name, change: c}
	}
	return nil
}

// replaces takes the owner of the file that is going to be replaced, and its mode where the new one has none.
func (w *Writer) replaces(f *folder, name string, o *file) *protocol.Failure {
	st, exists, failure := f.existing(name)
	if failure != nil || !exists {
		return failure
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFDIR:
		return refuse("unwritable", f.path(name), "it is a folder")
	case unix.S_IFREG:
		o.hasOwner, o.uid, o.gid = true, st.Uid, st.Gid
		if !o.meta.HasMode {
			o.mode = st.Mode & modeBits
		}
	}
	return replaceable(f.path(name), st.Mode)
}

// Data implements Handler.
func (w *Writer) Data(p []byte) error {
	o := w.file
	if err := restart.PwriteAll(o.fd, p, o.position); err != nil {
		return unwritable(o.in.path(o.final), err)
	}
	o.position += int64(len(p))
	o.written = o.position
	w.bytes += int64(len(p))
	w.pending += int64(len(p))
	return nil
}

// Hole implements Handler.
func (w *Writer) Hole(n int64) error {
	w.file.position += n
	return nil
}

func (o *file) finish() error {
	if o.position > o.written {
		if err := ftruncate(o.fd, o.position); err != nil {
			return err
		}
	}
	if o.hasOwner {
		if err := fchown(o.fd, int(o.uid), int(o.gid)); err != nil {
			return err
		}
	}
	if !o.isOrdinary {
		if err := fchmod(o.fd, o.mode); err != nil {
			return err
		}
	}
	if o.meta.HasMode {
		if err := setTime(o.in.fd, o.name, o.meta); err != nil {
			return err
		}
	}
	return nil
}
