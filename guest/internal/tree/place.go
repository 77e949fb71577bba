package tree

import (
	"path/filepath"
	"strings"

	"mvm/guest/internal/protocol"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// Absolute completes a path as it was typed: it begins at home, unless it begins with a slash. Slash tells whether it
// says that it is a folder, by the slash at its end or otherwise.
func Absolute(path, home string) (absolute string, slash bool) {
	switch {
	case path == "~" || strings.HasPrefix(path, "~/"):
		path = home + path[1:]
	case !strings.HasPrefix(path, "/"):
		path = home + "/" + path
	}
	last := path[strings.LastIndex(path, "/")+1:]
	return filepath.Clean(path), last == "" || last == "." || last == ".."
}

// place is where a tree is to go.
type place struct {
	path  string // absolute
	slash bool
	// base is the folder at path where there is one, else the folder that path is in.
	base     *folder
	isFolder bool
	exists   bool
}

// findPlace looks where a tree would go, following the links of the path that the user typed.
func findPlace(path string, slash bool) (*place, *protocol.Failure) {
	fd, err := restart.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	p := &place{path: path, slash: slash}
	switch err {
	case nil:
		p.isFolder, p.exists = true, true
		p.base = &folder{fd: fd, name: path, users: 1}
		return p, nil
	case unix.ENOTDIR:
		var failure *protocol.Failure
		if p.exists, failure = fileAt(path); failure != nil {
			return nil, failure
		}
	case unix.ENOENT:
	default:
		return nil, unwritable(path, err)
	}
	above := filepath.Dir(path)
	fd, err = restart.Open(above, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	switch err {
	case nil:
	case unix.ENOENT:
		return nil, refuse("unwritable", path, "there is no folder "+above)
	case unix.ENOTDIR:
		return nil, refuse("unwritable", path, "a part of its path is not a folder")
	default:
		return nil, unwritable(path, err)
	}
	p.base = &folder{fd: fd, name: above, users: 1}
	return p, nil
}

// real is the path without links.
func (p *place) real() string {
	at := realPath(p.base.fd)
	if p.isFolder || at == "" {
		return at
	}
	return strings.TrimSuffix(at, "/") + "/" + filepath.Base(p.path)
}

// fileAt tells whether a file is there, which is not so where a part of the path is one. What is neither file nor folder
// is not replaced.
func fileAt(path string) (bool, *protocol.Failure) {
	var st unix.Stat_t
	err := restart.Call(func() error { return unix.Stat(path, &st) })
	if err == unix.ENOTDIR {
		return false, nil
	}
	if err != nil {
		return false, unwritable(path, err)
	}
	return true, replaceable(path, st.Mode)
}

// replaceable refuses to put something in the place of a device, a FIFO or a socket.
func replaceable(path string, mode uint32) *protocol.Failure {
	switch kind := mode & unix.S_IFMT; kind {
	case unix.S_IFREG, unix.S_IFLNK, unix.S_IFDIR:
		return nil
	default:
		return refuse("unwritable", path, "it is "+words[whyOf(kind)]+", which is not replaced")
	}
}
