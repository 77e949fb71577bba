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
	// (4), stream (1), part (1), 2 bytes of nothing.
	HeaderSize = 16
	// MaxText is the longest text of a record in bytes. A longer line is several records.
	MaxText = 8 << 10
	// maxLine is the longest line in bytes; longer ones are divided, and so are those that take more than half of a ring,
	// which could not be kept whole.
	maxLine = 1 << 20
	// parts of a ring: the oldest is dropped as a whole, so that only whole records are kept.
	parts = 4
	// defaultBytes is a ring's size where the image gives none; the others are its bounds.
	defaultBytes = 2 << 20
	minBytes     = 64 << 10
	maxBytes     = 64 << 20
)

// Part says what a record has of its line.
type Part uint8

const (
	// Whole are lines, one or several.
	Whole Part = 0
	// Begun is set where the line goes on in another record of the stream.
	Begun Part = 1
	// Continued is set where the line began in another record of the stream.
	Continued Part = 2
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
	from   map[*collector]bool // those that append to it
}

// Position is a place between two records.
type Position struct {
	seq    int64
	offset int
	line   int64 // the number of the line behind it
}

// NewRing makes a ring of about size bytes (0: 2 MiB; 64 KiB to 64 MiB). told hears of every record.
func NewRing(name string, size int, told *notice.Notice) (*Ring, error) {
	fd, err := unix.MemfdCreate("log:"+name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	if size == 0 {
		size = defaultBytes
	}
	return &Ring{fd: fd, part: min(max(size, minBytes), maxBytes) / parts, notice: told, from: map[*collector]bool{}}, nil
}

// Close gives the memory back.
func (r *Ring) Close() { unix.Close(r.fd) }

// Append appends a record of whole lines. The text starts at b[HeaderSize], the header is written into b.
func (r *Ring) Append(stream uint8, b []byte) { r.append(stream, Whole, b) }

func (r *Ring) append(stream uint8, part Part, b []byte) {
	text := b[HeaderSize:]
	lines := begun(part, text)
	r.mu.Lock()
	binary.LittleEndian.PutUint64(b, uint64(time.Now().UnixMilli()))
	binary.LittleEndian.PutUint32(b[8:], uint32(len(text)))
	b[12], b[13] = stream, byte(part)
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
	Part   Part
	Text   []byte
}

// lines is how many lines begin in the record.
func (r *Record) lines() int64 { return begun(r.Part, r.Text) }

func begun(part Part, text []byte) int64 {
	if part&Continued != 0 {
		return 0
	}
	n := int64(bytes.Count(text, []byte{'\n'}))
	if text[len(text)-1] != '\n' {
		n++
	}
	return n
}

// Next takes the first record off b, which Read has filled.
func Next(b []byte) (r Record, rest []byte) {
	size := HeaderSize + int(binary.LittleEndian.Uint32(b[8:]))
	return Record{int64(binary.LittleEndian.Uint64(b)), b[12], Part(b[13]), b[HeaderSize:size]}, b[size:]
}

// before tells whether p is before q.
func (p Position) before(q Position) bool {
	return p.seq < q.seq || (p.seq == q.seq && p.offset < q.offset)
}
