// Package logs keeps the end of what services write, and is the operation `logs`.
package logs

import (
	"bytes"
	"encoding/binary"
	"os"
	"sync"
	"time"

	"mvm/guest/internal/notice"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

const (
	// HeaderSize is the length of a record's header: time in ms since 1970 (8 bytes), length of the text
	// (4), stream (1), 3 bytes of nothing.
	HeaderSize = 16
	// MaxText is the longest text of a record, and so the longest line, in bytes.
	MaxText = 8 << 10
	// parts of a ring: the oldest is dropped as a whole, so that only whole records are kept.
	parts = 4
	// defaultBytes is a ring's size where the image gives none; the others are its bounds.
	defaultBytes = 1 << 20
	minBytes     = 64 << 10
	maxBytes     = 64 << 20
)

// Ring keeps the last records of a log, outside the agent's heap: in memory that has no place in a file
// system, and of which the agent maps nothing.
type Ring struct {
	mu     sync.Mutex
	fd     int
	part   int // the size of a part in bytes
	used   [parts]int
	first  [parts]int64 // the number of the part's first line
	seq    int64        // the number of the part that is written; it is at seq%parts
	lines  int64        // ever kept; the number of the next line
	lost   int64        // could not be kept: the guest is out of memory
	notice *notice.Notice
}

// Position is a place between two records.
type Position struct {
	seq    int64
	offset int
	line   int64 // the number of the line behind it
}

// NewRing makes a ring of about size bytes (0: 1 MiB; 64 KiB to 64 MiB). told hears of every record.
func NewRing(name string, size int, told *notice.Notice) (*Ring, error) {
	fd, err := unix.MemfdCreate("log:"+name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	if size == 0 {
		size = defaultBytes
	}
	return &Ring{fd: fd, part: min(max(size, minBytes), maxBytes) / parts, notice: told}, nil
}

// Close gives the memory back.
func (r *Ring) Close() { unix.Close(r.fd) }

// Append appends a record. The text starts at b[HeaderSize], the header is written into b.
func (r *Ring) Append(stream uint8, b []byte) {
	text := b[HeaderSize:]
	lines := lines(text)
	r.mu.Lock()
	binary.LittleEndian.PutUint64(b, uint64(time.Now().UnixMilli()))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(text)))
	b[12] = stream
	i := r.seq % parts
	if r.used[i]+len(b) > r.part {
		r.seq++
		i = r.seq % parts
		r.used[i], r.first[i] = 0, r.lines
	}
	if err := restart.PwriteAll(r.fd, b, i*int64(r.part)+int64(r.used[i])); err != nil {
		r.lost += lines
	} else {
		r.used[i] += len(b)
		r.lines += lines
	}
	r.mu.Unlock()
	r.notice.Tell()
}

// Dropped is how many lines are no more kept.
func (r *Ring) Dropped() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first[r.oldest()%parts] + r.lost
}

// Find is a place before the line of that number, not far, or that of the oldest record.
func (r *Ring) Find(line int64) Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	seq := r.seq
	for seq > r.oldest() && r.first[seq%parts] > line {
		seq--
	}
	return r.begin(seq)
}

func (r *Ring) begin(seq int64) Position { return Position{seq: seq, line: r.first[seq%parts]} }

// End is the place behind the newest record.
func (r *Ring) End() Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Position{r.seq, r.used[r.seq%parts], r.lines}
}

func (r *Ring) oldest() int64 { return max(0, r.seq-parts+1) }

// Read reads whole records into buf, which has room for one at least, and moves p behind them; its line stays
// that of the first of them. n = 0 says that there is none. missed says that records before them were dropped
// unread.
func (r *Ring) Read(p *Position, buf []byte) (n int, missed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.seq < r.oldest() {
		*p, missed = r.begin(r.oldest()), true
	}
	for p.seq < r.seq && p.offset >= r.used[p.seq%parts] {
		*p = r.begin(p.seq + 1)
	}
	i := p.seq % parts
	want := min(len(buf), r.used[i]-p.offset)
	n, err := restart.PreadAll(r.fd, buf[:want], i*int64(r.part)+int64(p.offset))
	if err != nil {
		return 0, missed
	}
	n = wholeRecords(buf[:n])
	p.offset += n
	return n, missed
}

func wholeRecords(b []byte) int {
	n := 0
	for len(b)-n >= HeaderSize {
		size := HeaderSize + int(binary.LittleEndian.Uint32(b[n+8:]))
		if size > len(b)-n {
			break
		}
		n += size
	}
	return n
}

// Record is one record.
type Record struct {
	UnixMs int64
	Stream uint8
	Text   []byte
}

// lines is how many lines the record has.
func (r *Record) lines() int64 { return lines(r.Text) }

func lines(text []byte) int64 {
	n := int64(bytes.Count(text, []byte{'\n'}))
	if text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// Next takes the first record off b, which Read has filled.
func Next(b []byte) (r Record, rest []byte) {
	size := HeaderSize + int(binary.LittleEndian.Uint32(b[8:]))
	return Record{int64(binary.LittleEndian.Uint64(b)), b[12], b[HeaderSize:size]}, b[size:]
}

// before tells whether p is before q.
func (p Position) before(q Position) bool {
	return p.seq < q.seq || (p.seq == q.seq && p.offset < q.offset)
}
