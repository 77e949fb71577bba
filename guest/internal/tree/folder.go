package tree

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// folder is one that a Writer writes in.
type folder struct {
	fd     int     // -1 when it is closed
	parent *folder // nil where the tree begins
	name   string  // in parent, at present
	// made: by this copy, so that nobody else knows what is in it, and entries get their names at once. In others they have
	// temporary ones until they are complete.
	made bool
	meta Meta
	// change is how it gets its name when it is complete; nil where it has it.
	change *change
	seen   map[string]bool // names that the tree had in a folder that was there before
	users  int             // who need fd: the stack, and changes
}

// change is an entry that is complete, or about to be, under a temporary name.
type change struct {
	in        *folder
	temporary string
	name      string
	synced    bool // the disk has it
	done      bool
}

// entry is where a file is that has several names.
type entry struct {
	in     *folder
	name   string
	change *change
}

func (e *entry) current() string {
	if e.change != nil && !e.change.done {
		return e.change.temporary
	}
	return e.name
}

// path is for messages.
func (f *folder) path(name string) string {
	for ; f.parent != nil; f = f.parent {
		own := f.name
		if f.change != nil {
			own = f.change.name
		}
		name = own + "/" + name
	}
	return strings.TrimSuffix(f.name, "/") + "/" + strings.TrimSuffix(name, "/")
}

func (f *folder) currentName() string {
	if f.change != nil && !f.change.done {
		return f.change.temporary
	}
	return f.name
}

// open opens it anew where it is closed; the caller closes what it gets if it is not f.fd.
func (f *folder) open() (int, error) {
	if f.fd >= 0 {
		return f.fd, nil
	}
	above, err := f.parent.open()
	if err != nil {
		return -1, err
	}
	if above != f.parent.fd {
		defer closeFD(above)
	}
	return openFolder(above, f.currentName())
}

func (f *folder) release() {
	f.users--
	if f.users == 0 && f.fd >= 0 && f.parent != nil {
		closeFD(f.fd)
		f.fd = -1
	}
}

// temporaryPrefix begins the names of what is incomplete. What an earlier boot left is known by the boot in it.
const temporaryPrefix = ".mvm-cp-"

var counter atomic.Uint64

// boot names this boot.
var boot = func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil || len(id) < 8 {
		return strconv.FormatInt(time.Now().UnixNano(), 36)
	}
	return string(id[:8])
}

func temporaryName() string {
	return temporaryPrefix + boot() + "-" + strconv.FormatUint(counter.Add(1), 10)
}

// isLeft tells whether the name is that of something incomplete whose copy was cut off with the boot before.
func isLeft(name string) bool {
	rest, ok := strings.CutPrefix(name, temporaryPrefix)
	id, n, found := strings.Cut(rest, "-")
	if !ok || !found || id == boot() || len(id) < 8 {
		return false
	}
	_, err := strconv.ParseUint(n, 10, 64)
	return err == nil
}

// tidy removes what copies left in the folder that an end of the machine cut off.
func tidy(fd int) {
	again, err := openFolder(fd, ".")
	if err != nil {
		return
	}
	dir := os.NewFile(uintptr(again), ".")
	defer dir.Close()
	for {
		names, err := dir.Readdirnames(1024)
		for _, name := range names {
			if isLeft(name) {
				removeAll(fd, name)
			}
		}
		if err != nil || len(names) == 0 {
			return
		}
	}
}

// existing is what has the name now; ok is false where nothing has.
func (f *folder) existing(name string) (st unix.Stat_t, ok bool, err *protocol.Failure) {
	st, e := statat(f.fd, name)
	if e == unix.ENOENT {
		return st, false, nil
	}
	if e != nil {
		return st, false, unwritable(f.path(name), e)
	}
	return st, true, nil
}
