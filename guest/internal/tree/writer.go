package tree

import (
	"path/filepath"

	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

const (
	// mostChanges are gathered before they are made, so that the disk is waited for once for all of them.
	mostChanges = 512
	// mostBytes likewise: what is written and not yet named, in bytes.
	mostBytes = 64 << 20
)

// Writer is a Handler that makes the entries. Its errors are a *protocol.Failure.
type Writer struct {
	place *place
	// name is what the tree is called in the folder that the place is, or becomes; empty: the place is the tree.
	name    string
	stack   []*folder
	file    *file
	links   map[uint32]*entry
	changes []*change
	// within: the last folder on the stack holds the tree, and is not of it.
	within  bool
	pending int64
	files   int
	bytes   int64
}

// NewWriter looks at the target, and makes nothing yet.
func NewWriter(path string, slash bool, name string) (*Writer, *protocol.Failure) {
	if name != "" {
		if err := checkName(name); err != nil {
			return nil, &protocol.Failure{Code: "bad_request", Message: err.Error()}
		}
	}
	p, failure := findPlace(path, slash)
	if failure != nil {
		return nil, failure
	}
	return &Writer{place: p, name: name, links: map[uint32]*entry{}}, nil
}

// Place is the target's path without links, and what is there: `folder`, `file`, or an empty text for nothing.
func (w *Writer) Place() (path, kind string) {
	switch {
	case w.place.isFolder:
		kind = "folder"
	case w.place.exists:
		kind = "file"
	}
	return w.place.real(), kind
}

// Totals are the files and bytes that were written.
func (w *Writer) Totals() (files int, bytes int64) { return w.files, w.bytes }

func (w *Writer) top() *folder { return w.stack[len(w.stack)-1] }

// at is the folder that an entry comes into, and its name. The entry at the top gets both from the place.
func (w *Writer) at(name string, isFolder bool) (*folder, string, *protocol.Failure) {
	if len(w.stack) > 0 {
		return w.top(), name, nil
	}
	p := w.place
	leaf := filepath.Base(p.path)
	switch {
	case p.isFolder && w.name != "":
		w.enter(p.base)
		return p.base, w.name, nil
	case p.isFolder && isFolder:
		return nil, "", nil
	case p.isFolder:
		return nil, "", refuse("unwritable", p.path, "it is a folder")
	case p.exists && (isFolder || p.slash):
		return nil, "", refuse("unwritable", p.path, "it is not a folder")
	case !p.exists && w.name == "" && p.slash && !isFolder:
		return nil, "", refuse("unwritable", p.path, "it would be a folder")
	case !p.exists && w.name != "" && (isFolder || p.slash):
		w.enter(p.base)
		if f := w.makeFolder(p.base, leaf, Meta{}); f != nil {
			return nil, "", f
		}
		w.within = true
		return w.top(), w.name, nil
	}
	w.enter(p.base)
	return p.base, leaf, nil
}

func (w *Writer) enter(f *folder) {
	if !f.made && f.seen == nil {
		f.seen = map[string]bool{}
		tidy(f.fd)
	}
	f.users++
	w.stack = append(w.stack, f)
}

// reserve gives the name under which to make an entry, and how it gets its own.
func (w *Writer) reserve(f *folder, name string) (string, *change, *protocol.Failure) {
	if f.made {
		return name, nil, nil
	}
	if f.seen[name] {
		return "", nil, refuse("bad_tree", f.path(name), "the tree has it twice")
	}
	f.seen[name] = true
	c := &change{in: f, temporary: temporaryName(), name: name}
	f.users++
	w.changes = append(w.changes, c)
	return c.temporary, c, nil
}

// made describes why an entry of a folder of ours could not be made.
func made(f *folder, name string, err error) *protocol.Failure {
	if err == unix.EEXIST {
		return refuse("bad_tree", f.path(name), "the tree has it twice")
	}
	return unwritable(f.path(name), err)
}

// Folder implements Handler.
func (w *Writer) Folder(m Meta, name string) error {
	f, name, failure := w.at(name, true)
	if failure != nil {
		return failure
	}
	if f == nil {
		w.enter(w.place.base)
		return nil
	}
	if !f.made {
		st, exists, failure := f.existing(name)
		if failure != nil {
			return failure
		}
		if exists {
			return w.openExisting(f, name, st.Mode&unix.S_IFMT)
		}
	}
	if failure := w.makeFolder(f, name, m); failure != nil {
		return failure
	}
	return nil
}

func (w *Writer) openExisting(f *folder, name string, kind uint32) error {
	switch {
	case kind == unix.S_IFLNK:
		return refuse("bad_tree", f.path(name), "a symbolic link is there, through which the tree would leave its target")
	case kind != unix.S_IFDIR:
		return refuse("unwritable", f.path(name), "it is not a folder")
	case f.seen[name]:
		return refuse("bad_tree", f.path(name), "the tree has it twice")
	}
	f.seen[name] = true
	fd, err := openFolder(f.fd, name)
	if err != nil {
		return unwritable(f.path(name), err)
	}
	w.enter(&folder{fd: fd, parent: f, name: name})
	return nil
}

func (w *Writer) makeFolder(f *folder, name string, m Meta) *protocol.Failure {
	at, c, failure := w.reserve(f, name)
	if failure != nil {
		return failure
	}
	if err := mkdirat(f.fd, at); err != nil {
		return made(f, name, err)
	}
	fd, err := openFolder(f.fd, at)
	if err != nil {
		return unwritable(f.path(name), err)
	}
	w.enter(&folder{fd: fd, parent: f, name: name, made: true, meta: m, change: c})
	return nil
}

// End implements Handler.
func (w *Writer) End() error {
	if w.file != nil {
		o := w.file
		err := o.finish()
		if err == nil && o.change != nil && len(w.changes) == 1 {
			// Alone, it is what there is to wait for; the file system may have more to write, which others wrote.
			err = fdatasync(o.fd)
			o.change.synced = true
		}
		if err != nil {
			return unwritable(o.in.path(o.final), err)
		}
		closeFD(o.fd)
		w.file = nil
		w.files++
		return w.makeChangesIfMany()
	}
	return w.leave()
}

func (w *Writer) leave() error {
	f := w.top()
	w.stack = w.stack[:len(w.stack)-1]
	defer f.release()
	if !f.made {
		return nil
	}
	mode := f.meta.Mode
	if !f.meta.HasMode {
		mode = 0o755
	}
	err := fchmod(f.fd, mode)
	if err == nil && f.meta.HasMode {
		err = setTime(f.parent.fd, f.currentName(), f.meta)
	}
	if err != nil {
		return unwritable(f.path(""), err)
	}
	return w.makeChangesIfMany()
}

// Symlink implements Handler.
func (w *Writer) Symlink(m Meta, name, target string) error {
	f, name, failure := w.at(name, false)
	if failure != nil {
		return failure
	}
	return w.another(f, name, func(at string) error {
		if err := symlinkat(target, f.fd, at); err != nil {
			return err
		}
		return setTime(f.fd, at, m)
	})
}

// Link implements Handler.
func (w *Writer) Link(link uint32, name string) error {
	f, first := w.top(), w.links[link]
	if first == nil {
		return refuse("bad_tree", f.path(name), "it is another name of a file that did not come")
	}
	return w.another(f, name, func(at string) error {
		from, err := first.in.open()
		if err != nil {
			return err
		}
		if from != first.in.fd {
			defer closeFD(from)
		}
		return linkat(from, first.current(), f.fd, at)
	})
}

// another makes an entry that is complete at once.
func (w *Writer) another(f *folder, name string, make func(at string) error) error {
	if !f.made {
		if failure := w.replaces(f, name, &file{}); failure != nil {
			return failure
		}
	}
	at, _, failure := w.reserve(f, name)
	if failure != nil {
		return failure
	}
	if err := make(at); err != nil {
		return made(f, name, err)
	}
	w.files++
	return w.makeChangesIfMany()
}

// Skipped implements Handler: the host tells of it.
func (w *Writer) Skipped(byte, string) error { return nil }
