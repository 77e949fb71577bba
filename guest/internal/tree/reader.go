package tree

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"mvm/guest/internal/protocol"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// listed is how many names of a folder are read at once.
const listed = 1024

// Reader makes the records of a tree.
type Reader struct {
	path      string
	fd        int
	stat      unix.Stat_t
	target    string // of a symbolic link at the top
	out       *output
	links     map[inode]uint32
	recursive bool
}

type inode struct{ device, number uint64 }

// NewReader looks at the file or folder. A link at the end of the path is followed unless the whole tree is asked for,
// of which it then is all; with slash it is followed, and must lead to a folder.
func NewReader(path string, slash, recursive bool) (*Reader, *protocol.Failure) {
	r := &Reader{path: path, fd: -1, recursive: recursive, links: map[inode]uint32{}}
	if recursive && !slash {
		st, err := statat(unix.AT_FDCWD, path)
		if err == nil && st.Mode&unix.S_IFMT == unix.S_IFLNK {
			r.stat = st
			if r.target, err = readlinkat(unix.AT_FDCWD, path); err == nil {
				return r, nil
			}
		}
		if err != nil {
			return nil, unreadable(path, err)
		}
	}
	fd, err := restart.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC)
	if err != nil {
		return nil, special(path, err)
	}
	r.fd = fd
	if r.stat, err = fstat(fd); err != nil {
		closeFD(fd)
		return nil, unreadable(path, err)
	}
	failure := r.check(slash)
	if failure != nil {
		closeFD(fd)
		return nil, failure
	}
	return r, nil
}

func (r *Reader) check(slash bool) *protocol.Failure {
	switch kind := r.stat.Mode & unix.S_IFMT; {
	case kind == unix.S_IFDIR && !r.recursive:
		return refuse("is_folder", r.path, "it is a folder")
	case kind != unix.S_IFDIR && slash:
		return refuse("unreadable", r.path, "it is not a folder")
	case kind == unix.S_IFDIR || kind == unix.S_IFREG:
		return nil
	default:
		return refuse("unreadable", r.path, "it is "+words[whyOf(kind)]+", which can't be copied")
	}
}

// special says of what can't be opened that it never can be: a socket.
func special(path string, err error) *protocol.Failure {
	if err == unix.ENXIO {
		return refuse("unreadable", path, "it is "+words['s']+", which can't be copied")
	}
	return unreadable(path, err)
}

var words = map[byte]string{'p': "a FIFO", 's': "a socket", 'd': "a device"}

func whyOf(kind uint32) byte {
	switch kind {
	case unix.S_IFIFO:
		return 'p'
	case unix.S_IFSOCK:
		return 's'
	}
	return 'd'
}

// Place is the path without links, and what is there: `folder`, `file` or `link`.
func (r *Reader) Place() (path, kind string) {
	switch r.stat.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		above, err := filepath.EvalSymlinks(filepath.Dir(r.path))
		if err != nil {
			return r.path, "link"
		}
		return filepath.Join(above, filepath.Base(r.path)), "link"
	case unix.S_IFDIR:
		return realPath(r.fd), "folder"
	}
	return realPath(r.fd), "file"
}

// Size is that of a file, in bytes; 0 of anything else.
func (r *Reader) Size() int64 {
	if r.stat.Mode&unix.S_IFMT == unix.S_IFREG {
		return r.stat.Size
	}
	return 0
}

// Run sends the records in pieces of at most `piece` bytes. What send gets is valid during the call only; its error ends the
// reading. The error is that, or a *protocol.Failure.
func (r *Reader) Run(piece int, send func([]byte) error) error {
	r.out = &output{b: make([]byte, 0, piece), send: send}
	var err error
	switch r.stat.Mode & unix.S_IFMT {
	case unix.S_IFLNK:
		err = r.out.add(AppendSymlink(nil, metaOf(&r.stat), "", r.target))
	case unix.S_IFDIR:
		err = r.folder(r.fd, &r.stat, "", r.path, 0)
	default:
		err = r.file(r.fd, &r.stat, "", r.path)
	}
	if err == nil {
		err = r.out.add(AppendDone(nil))
	}
	if err == nil {
		err = r.out.flush()
	}
	return err
}

// Close ends the reading.
func (r *Reader) Close() {
	if r.fd >= 0 {
		closeFD(r.fd)
		r.fd = -1
	}
}

func metaOf(st *unix.Stat_t) Meta {
	return Meta{Mode: st.Mode & modeBits, HasMode: true, Seconds: st.Mtim.Sec, Nanoseconds: uint32(st.Mtim.Nsec)}
}

func (r *Reader) folder(fd int, st *unix.Stat_t, name, path string, depth int) error {
	if depth == MaxDepth {
		return refuse("unreadable", path, "more folders than can be copied are in one another")
	}
	if err := r.out.add(AppendFolder(r.out.record(), metaOf(st), name)); err != nil {
		return err
	}
	again, err := openFolder(fd, ".")
	if err != nil {
		return unreadable(path, err)
	}
	dir := os.NewFile(uintptr(again), path)
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(listed)
		for _, e := range entries {
			if err := r.entry(fd, e, path, depth); err != nil {
				return err
			}
		}
		if err == io.EOF || err == nil && len(entries) == 0 {
			return r.out.add(AppendEnd(r.out.record()))
		}
		if err != nil {
			return unreadable(path, errors.Unwrap(err))
		}
	}
}

func (r *Reader) entry(dir int, e os.DirEntry, above string, depth int) error {
	name := e.Name()
	path := above + "/" + name
	if above == "/" {
		path = "/" + name
	}
	switch kind := e.Type(); {
	case kind&os.ModeSymlink != 0:
		return r.symlink(dir, name, path)
	case kind&os.ModeNamedPipe != 0:
		return r.skip('p', path)
	case kind&os.ModeSocket != 0:
		return r.skip('s', path)
	case kind&os.ModeDevice != 0:
		return r.skip('d', path)
	}
	fd, err := openat(dir, name, unix.O_RDONLY|followNone, 0)
	if err == unix.ENOENT {
		return nil // gone since it was listed
	}
	if err != nil {
		return unreadable(path, err)
	}
	defer closeFD(fd)
	st, err := fstat(fd)
	if err != nil {
		return unreadable(path, err)
	}
	switch kind := st.Mode & unix.S_IFMT; kind {
	case unix.S_IFDIR:
		return r.folder(fd, &st, name, path, depth+1)
	case unix.S_IFREG:
		return r.file(fd, &st, name, path)
	default:
		return r.skip(whyOf(kind), path)
	}
}

func (r *Reader) skip(why byte, path string) error {
	return r.out.add(AppendSkipped(r.out.record(), why, path))
}

func (r *Reader) symlink(dir int, name, path string) error {
	st, err := statat(dir, name)
	if err != nil {
		return unreadable(path, err)
	}
	target, err := readlinkat(dir, name)
	if err != nil {
		return unreadable(path, err)
	}
	return r.out.add(AppendSymlink(r.out.record(), metaOf(&st), name, target))
}

// link gives the number of a file with several names; known: it was sent already.
func (r *Reader) link(st *unix.Stat_t) (number uint32, known bool) {
	if st.Nlink < 2 {
		return 0, false
	}
	id := inode{uint64(st.Dev), st.Ino}
	if n, ok := r.links[id]; ok {
		return n, true
	}
	n := uint32(len(r.links) + 1)
	r.links[id] = n
	return n, false
}

func (r *Reader) file(fd int, st *unix.Stat_t, name, path string) error {
	number, known := r.link(st)
	if known {
		return r.out.add(AppendLink(r.out.record(), number, name))
	}
	if name == "" {
		number = 0
	}
	if err := r.out.add(AppendFile(r.out.record(), metaOf(st), st.Size, number, name)); err != nil {
		return err
	}
	var err error
	if st.Size > 0 && st.Blocks*512 < st.Size {
		err = r.sparse(fd, st.Size)
	} else {
		_, err = r.content(fd, 0, -1, st.Size > 0)
	}
	var errno unix.Errno
	if errors.As(err, &errno) {
		return unreadable(path, err)
	}
	if err != nil {
		return err
	}
	return r.out.add(AppendEnd(r.out.record()))
}
