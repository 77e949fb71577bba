// Package share shows folders of the host in this machine. Each is a FUSE file system whose messages go to the host as they
// are, over a stream, and are answered there: this side knows nothing of files.
package share

import (
	"encoding/binary"
	"path/filepath"
	"strings"
	"sync"

	"mvm/guest/internal/guard"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/protocol"
)

// Messages that are not FUSE's, by the opcode of their header. src/share/fuse/layout.ts has the same.
const (
	opAttached = 0x6d766d00 // the share is taken up; unique is 1 where the kernel knows it already
	opMade     = 0x6d766d01 // the event with this number was made
	opReady    = 0x6d766d02 // programs can use the share
	opFailed   = 0x6d766d03 // it could not be mounted: a text
)

const inHeader, outHeader = 40, 16

// maxMessage is the longest message, in bytes: 1 MiB of a file, and what is in front of it.
const maxMessage = 1<<20 + 4096

// Shares are those of this machine.
type Shares struct {
	mu     sync.Mutex
	byPath map[string]*share
}

// share is one that is mounted. Hosts come and go; the kernel waits for the next.
type share struct {
	path   string
	fuse   *device
	isWork bool
	isUsed bool
	device uint64 // its number, once it is used

	mu    sync.Mutex // held by the host that it has
	outMu sync.Mutex
	out   *mux.Stream
}

type openMessage struct {
	Path     string `json:"path"`
	ReadOnly bool   `json:"readOnly"`
	Work     bool   `json:"work"`
}

// WorkDir is where programs begin that say nothing else: in the share that is the host's project, if there is one.
func (l *Shares) WorkDir() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for path, sh := range l.byPath {
		if sh.isWork && sh.isUsed {
			return path
		}
	}
	return ""
}

// Has tells whether a device is a share.
func (l *Shares) Has(device uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, sh := range l.byPath {
		if sh.isUsed && sh.device == device {
			return true
		}
	}
	return false
}

// Serve mounts the share that a host's stream names, or takes it up again, and carries its messages until the host goes.
func (l *Shares) Serve(s *mux.Stream, open []byte) {
	var m openMessage
	if protocol.ParseObject(open, &m) != nil || !validPath(m.Path) {
		s.Reset("bad_request")
		return
	}
	sh, known, err := l.mounted(m)
	if err != nil {
		_ = s.Write(message(opFailed, 0, 0, []byte(err.Error())))
		_ = s.CloseWrite()
		return
	}
	// A host that was killed may not be gone yet for its stream.
	sh.mu.Lock()
	defer sh.mu.Unlock()
	sh.setOut(s)
	defer sh.setOut(nil)
	events := newEvents(sh)
	thread := events.start()
	defer events.stop()
	if sh.send(message(opAttached, resumed(known), thread, nil)) != nil {
		return
	}
	over := make(chan struct{})
	guard.Go("the requests of a share", func() {
		defer close(over)
		sh.fuse.forward(sh.send)
	})
	guard.Go("a new share", func() {
		if number, err := sh.fuse.awaitUse(sh.path); err == nil {
			l.used(sh, number)
			_ = sh.send(message(opReady, 0, 0, nil))
		}
	})
	sh.fuse.answer(s, events.add)
	sh.fuse.interrupt()
	<-over
}

func resumed(known bool) uint64 {
	if known {
		return 1
	}
	return 0
}

func validPath(path string) bool {
	return strings.HasPrefix(path, "/") && filepath.Clean(path) == path && path != "/" && !strings.Contains(path, "\x00")
}

// mounted is the share at a path, which is mounted where there is none.
func (l *Shares) mounted(m openMessage) (sh *share, known bool, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if sh := l.byPath[m.Path]; sh != nil {
		return sh, true, nil
	}
	fuse, err := mountFuse(m.Path, m.ReadOnly)
	if err != nil {
		return nil, false, err
	}
	sh = &share{path: m.Path, fuse: fuse, isWork: m.Work}
	if l.byPath == nil {
		l.byPath = map[string]*share{}
	}
	l.byPath[m.Path] = sh
	return sh, false, nil
}

func (l *Shares) used(sh *share, device uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sh.isUsed, sh.device = true, device
}

// Close gives back what is mounted: what was not written by then is lost with its program. For the end of the machine.
func (l *Shares) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, sh := range l.byPath {
		sh.fuse.unmount(sh.path)
	}
}

func (sh *share) setOut(s *mux.Stream) {
	sh.outMu.Lock()
	defer sh.outMu.Unlock()
	sh.out = s
}

// send sends whole messages.
func (sh *share) send(p []byte) error {
	sh.outMu.Lock()
	defer sh.outMu.Unlock()
	if sh.out == nil {
		return mux.ErrOver
	}
	return sh.out.Write(p)
}

// message is one of this side's own, in the form of a request.
func message(opcode uint32, unique uint64, thread int, body []byte) []byte {
	b := make([]byte, inHeader, inHeader+len(body))
	binary.LittleEndian.PutUint32(b, uint32(inHeader+len(body)))
	binary.LittleEndian.PutUint32(b[4:], opcode)
	binary.LittleEndian.PutUint64(b[8:], unique)
	binary.LittleEndian.PutUint32(b[32:], uint32(thread))
	return append(b, body...)
}
