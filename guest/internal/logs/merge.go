package logs

import (
	"bytes"
	"strconv"
	"time"
)

// timeFormat is RFC 3339 with milliseconds, of one length, in UTC.
const timeFormat = "2006-01-02T15:04:05.000Z"

// merger gives the records of several logs in the order of their times.
type merger struct {
	cursors []*cursor
	bounded bool // ends where the logs ended when it was made
}

// cursor is a place in one log; current is the record that is next.
type cursor struct {
	named
	at, end Position
	from    int64  // lines of a lower number are not wanted
	line    int64  // the number of the first line of what is in block
	block   []byte // read, and not yet given out
	buf     []byte
	current Record
	number  int64   // of current's first line
	full    bool    // current is valid
	gap     int64   // lines before current that were dropped before they could be read
	open    [3]bool // by stream: the beginning of a line was given out, and not its end
}

// merge begins with the oldest record, or where `tail` is not negative, with the last lines of each log.
func merge(logs []named, tail int64, bounded bool) *merger {
	m := &merger{bounded: bounded}
	for _, l := range logs {
		c := &cursor{named: l, end: l.ring.End()}
		if tail >= 0 {
			c.from = max(0, c.end.line-tail)
		}
		c.at = l.ring.Find(c.from)
		m.cursors = append(m.cursors, c)
	}
	return m
}

// records is an iterator over what there is now; a later call goes on where it stopped.
func (m *merger) records(yield func(*cursor) bool) {
	for {
		var first *cursor
		for _, c := range m.cursors {
			if c.fill(m.bounded) && (first == nil || c.current.UnixMs < first.current.UnixMs) {
				first = c
			}
		}
		if first == nil {
			return
		}
		first.full = false
		if !yield(first) {
			return
		}
	}
}

func (c *cursor) fill(bounded bool) bool {
	if c.full {
		return true
	}
	if len(c.block) == 0 {
		if bounded && !c.at.before(c.end) {
			return false
		}
		if c.buf == nil {
			if !c.at.before(c.ring.End()) {
				return false // a log that is silent needs no buffer
			}
			c.line = c.at.line
			c.buf = make([]byte, 2*(HeaderSize+MaxText))
		}
		c.at.line = c.line
		n, missed := c.ring.Read(&c.at, c.buf)
		if missed {
			c.gap += max(0, c.at.line-max(c.line, c.from))
			for stream, open := range c.open {
				if open { // that line has lost its end
					c.open[stream] = false
					c.gap++
				}
			}
		}
		c.line, c.block = c.at.line, c.buf[:n]
		if n == 0 {
			return false
		}
	}
	c.current, c.block = Next(c.block)
	c.number = c.line
	c.line += c.current.lines()
	c.full = true
	return true
}

// wanted is how many of the record's lines are wanted.
func (c *cursor) wanted() int64 {
	return c.current.lines() - min(c.current.lines(), max(0, c.from-c.number))
}

var streams = map[uint8]string{1: " out", 2: " err"}

// goesOn is behind the stream of a line that goes on in the next one of its stream.
const goesOn = "+"

// append appends the record's lines to out, each with its time and where it comes from, but for the first
// *skip lines and those older than since. more marks a line that goes on.
func (c *cursor) append(out []byte, since int64, skip *int64, more string) []byte {
	r := &c.current
	if r.Part&Begun == 0 {
		more = ""
	}
	if r.Part&Continued != 0 {
		if !c.open[r.Stream] {
			return out // its beginning is not wanted, or no more kept
		}
		c.open[r.Stream] = r.Part&Begun != 0
		return c.written(out, r.Text, more)
	}
	number := c.number
	for line := range bytes.Lines(r.Text) {
		number++
		c.open[r.Stream] = false
		if number <= c.from {
			continue
		}
		if *skip > 0 {
			*skip--
			continue
		}
		if c.current.UnixMs < since {
			continue
		}
		c.open[r.Stream] = r.Part&Begun != 0
		out = c.written(out, line, more)
	}
	return out
}

func (c *cursor) written(out, line []byte, more string) []byte {
	out = time.UnixMilli(c.current.UnixMs).UTC().AppendFormat(out, timeFormat)
	out = append(append(append(out, ' '), c.name...), streams[c.current.Stream]...)
	out = append(append(out, more...), ' ')
	return append(append(out, bytes.TrimSuffix(line, []byte{'\n'})...), '\n')
}

// appendGap appends a line that says how many are missing before the record's, where some are.
func (c *cursor) appendGap(out []byte) []byte {
	if c.gap == 0 {
		return out
	}
	out = time.UnixMilli(c.current.UnixMs).UTC().AppendFormat(out, timeFormat)
	out = append(append(append(out, ' '), c.name...), " gap "...)
	out = append(strconv.AppendInt(out, c.gap, 10), '\n')
	c.gap = 0
	return out
}

// excess is how many of the lines that the logs' last `tail` lines are together are too many.
func excess(logs []named, tail int64) int64 {
	if tail < 0 || len(logs) < 2 {
		return 0
	}
	total := int64(0)
	for c := range merge(logs, tail, true).records {
		total += c.wanted()
	}
	return max(0, total-tail)
}
