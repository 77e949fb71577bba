package logs

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

type object = map[string]any

func book(t *testing.T) (*Book, *channeltest.Link) {
	b := &Book{}
	t.Cleanup(func() {
		for _, l := range b.logs {
			l.ring.Close()
		}
	})
	return b, channeltest.Serve(t, map[string]channel.Opener{"logs": b.Opener()})
}

func add(t *testing.T, b *Book, name string, size int) *Ring {
	r, err := b.Add(name, size)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func write(r *Ring, stream uint8, text string) {
	r.Append(stream, append(make([]byte, HeaderSize), text...))
}

// ask returns the text of the lines, without their times, and how many were dropped.
func ask(t *testing.T, l *channeltest.Link, fields object) (lines []string, dropped int64) {
	t.Helper()
	fields["op"] = "logs"
	h := channeltest.Open(t, l, fields)
	defer h.Conn.Close()
	h.Expect(protocol.Started)
	var text strings.Builder
	for {
		f := h.Frame()
		if f.Type == protocol.Data {
			text.Write(f.Payload)
			continue
		}
		var m struct{ Dropped int64 }
		if json.Unmarshal(f.Payload, &m); f.Type != protocol.Result {
			t.Fatalf("%x %s", f.Type, f.Payload)
		}
		return joined(t, text.String()), m.Dropped
	}
}

// joined joins the pieces of lines as a host does, and leaves out the times. What has no end yet is last.
func joined(t *testing.T, text string) (lines []string) {
	t.Helper()
	begun := map[string]string{}
	for line := range strings.Lines(text) {
		at, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := time.Parse(timeFormat, at); err != nil {
			t.Fatal(err)
		}
		name, rest, _ := strings.Cut(rest, " ")
		stream, piece, _ := strings.Cut(rest, " ")
		stream, more := strings.CutSuffix(stream, goesOn)
		key := name + " " + stream + " "
		if len(piece) > MaxText {
			t.Fatalf("a piece of %d bytes", len(piece))
		}
		if begun[key] += piece; !more {
			lines = append(lines, key+begun[key])
			delete(begun, key)
		}
	}
	for key, piece := range begun {
		lines = append(lines, key+piece)
	}
	return lines
}

func TestLinesComeWithTimeNameAndStreamInTheOrderOfTheirTimes(t *testing.T) {
	b, l := book(t)
	web, db := add(t, b, "web", 0), add(t, b, "db", 0)
	write(web, 1, "one\ntwo\n")
	time.Sleep(2 * time.Millisecond)
	write(db, 2, "three")
	time.Sleep(2 * time.Millisecond)
	write(web, 2, "four\xff\n")
	got, dropped := ask(t, l, object{})
	if want := "web out one|web out two|db err three|web err four\xff"; strings.Join(got, "|") != want || dropped != 0 {
		t.Fatalf("%q %d", got, dropped)
	}
	if got, _ := ask(t, l, object{"service": "db"}); len(got) != 1 {
		t.Fatalf("%q", got)
	}
	for tail, want := range map[int]string{0: "", 1: "web err four\xff", 3: "web out two|db err three|web err four\xff", 9: strings.Join(got, "|")} {
		if last, _ := ask(t, l, object{"tail": tail}); strings.Join(last, "|") != want {
			t.Errorf("tail %d: %q", tail, last)
		}
	}
	if each, _ := ask(t, l, object{"tail": 1, "each": true}); strings.Join(each, "|") != "db err three|web err four\xff" {
		t.Errorf("tail of each: %q", each)
	}
	if got, _ := ask(t, l, object{"sinceUnixMs": time.Now().Add(time.Hour).UnixMilli()}); len(got) != 0 {
		t.Fatalf("%q", got)
	}
}

func TestALogIsBoundedAndCountsWhatItDrops(t *testing.T) {
	b, l := book(t)
	r := add(t, b, "flood", minBytes)
	const all = 50_000
	for i := range all {
		write(r, 1, fmt.Sprintf("line %d\n", i))
	}
	got, dropped := ask(t, l, object{"service": "flood"})
	if int64(len(got))+dropped != all || len(got) == 0 || len(got) > minBytes/HeaderSize {
		t.Fatalf("%d lines, %d dropped", len(got), dropped)
	}
	for i, line := range got {
		if line != fmt.Sprintf("flood out line %d", int(dropped)+i) {
			t.Fatalf("line %d is %q", i, line)
		}
	}
	if got, _ := ask(t, l, object{"service": "flood", "tail": 3}); len(got) != 3 || got[2] != fmt.Sprintf("flood out line %d", all-1) {
		t.Fatalf("%q", got)
	}
	var s unix.Stat_t
	if err := unix.Fstat(r.fd, &s); err != nil || s.Size > minBytes {
		t.Fatalf("the ring takes %d bytes (%v)", s.Size, err)
	}
}

func TestFollowersGetWhatComes(t *testing.T) {
	b, l := book(t)
	r := add(t, b, "web", 0)
	write(r, 1, "old\nlast\n")
	h := channeltest.Open(t, l, object{"op": "logs", "service": "web", "follow": true, "tail": 1})
	h.Expect(protocol.Started)
	if got := h.Until(1, "last\n"); strings.Contains(got, "old") {
		t.Fatalf("%q", got)
	}
	for _, text := range []string{"new", "newer"} {
		write(r, 1, text+"\n")
		h.Until(1, "web out "+text+"\n")
	}
	h.Send(protocol.Close, 0, nil)
}

func TestWhoReadsTooSlowlyIsToldWhatIsMissing(t *testing.T) {
	b, _ := book(t)
	ring := add(t, b, "s", minBytes)
	write(ring, 1, "first\n")
	m := merge(b.find("s"), -1, false)
	var out []byte
	skip := int64(0)
	read := func() {
		for c := range m.records {
			out = c.append(c.appendGap(out), 0, &skip, goesOn)
		}
	}
	read()
	for range 100 {
		write(ring, 1, strings.Repeat("x\n", 4000))
	}
	read()
	lines := strings.SplitN(string(out), "\n", 3)
	var missing int
	if _, err := fmt.Sscanf(lines[1], "20%s s gap %d", new(string), &missing); err != nil {
		t.Fatalf("%q: %v", lines[1], err)
	}
	if shown := strings.Count(lines[2], "\n"); missing == 0 || missing+shown != 400_000 {
		t.Fatalf("%d lines are missing and %d there", missing, shown)
	}
}

func TestWhatNobodyLogsIsRefused(t *testing.T) {
	b, l := book(t)
	add(t, b, "web", 0)
	for code, fields := range map[string]object{"no_such_service": {"service": "nope"}, "bad_request": {"tail": -1}} {
		fields["op"] = "logs"
		h := channeltest.Open(t, l, fields)
		h.Fails(code)
		h.Conn.Close()
	}
}

// pieces is a reader that gives one piece at a time.
type pieces []string

func (p *pieces) Read(b []byte) (int, error) {
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*p)[0])
	if (*p)[0] = (*p)[0][n:]; (*p)[0] == "" {
		*p = (*p)[1:]
	}
	return n, nil
}

func (p *pieces) Close() error { return nil }

func TestLinesAreWholeHoweverTheyCome(t *testing.T) {
	long := strings.Repeat("x", MaxText+100)
	for _, c := range []struct{ in, want []string }{
		{[]string{"a\nb", "c\n", "d"}, []string{"a", "bc", "d"}},
		{[]string{"", "\n\n", "x"}, []string{"", "", "x"}},
		{[]string{long + "\nend\n"}, []string{long, "end"}},
		{[]string{long + "\n", long}, []string{long, long}},
		{[]string{long[:MaxText] + "\n"}, []string{long[:MaxText]}},
		{[]string{strings.Repeat("y\n", 10_000)}, strings.Split(strings.Repeat("y ", 9_999)+"y", " ")},
	} {
		b, l := book(t)
		r := add(t, b, "s", 0)
		var raw, lined strings.Builder
		in := pieces(append([]string(nil), c.in...))
		for len(in) > 0 && in[0] == "" {
			in = in[1:]
		}
		r.Collect(&in, 1, func(p []byte) { raw.Write(p) }, func(p []byte) { lined.Write(p) })
		got, _ := ask(t, l, object{})
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], "s out ")
		}
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%.60q: %.200q", c.in, got)
		}
		if all := strings.Join(c.in, ""); raw.String() != all || lined.String() != all {
			t.Errorf("%.60q: the taps got something else", c.in)
		}
	}
}

func TestALineOfOneMiBIsWholeAndALongerOneIsDivided(t *testing.T) {
	line := strings.Repeat("0123456789abcde\t", maxLine/16)
	for _, c := range []struct {
		size  int
		in    string
		begun int   // lines
		want  []int // the last ones
	}{
		{0, line + "\nend\n", 2, []int{maxLine, 3}},
		{0, line + line[:20_000] + "\nend\n", 3, []int{maxLine + MaxText, 20_000 - MaxText, 3}},
		{0, "short\n" + line + "\n" + line + "\n", 3, []int{maxLine}}, // as much as is kept of two
		{minBytes, line[:30_000] + "\nend\n", 2, []int{30_000, 3}},
		{minBytes, line[:70_000] + "\nend\n", 3, []int{70_000 - 5*MaxText, 3}},
	} {
		b, l := book(t)
		r := add(t, b, "s", c.size)
		in := pieces{c.in}
		r.Collect(&in, 1, nil, nil)
		got, dropped := ask(t, l, object{})
		for i, n := range c.want {
			if at := len(got) - len(c.want) + i; at < 0 || len(got[at]) != len("s out ")+n {
				t.Errorf("%d bytes in a ring of %d: line %d of %d is another", len(c.in), c.size, at, len(got))
			}
		}
		if len(got)+int(dropped) != c.begun {
			t.Errorf("%d lines of %d, %d dropped", len(got), c.begun, dropped)
		}
		var s unix.Stat_t
		if err := unix.Fstat(r.fd, &s); err != nil || s.Size > int64(r.part*parts) {
			t.Errorf("the ring takes %d bytes (%v)", s.Size, err)
		}
	}
}

func TestALineWithoutAnEndIsShownAndThenGoesOn(t *testing.T) {
	b, l := book(t)
	r := add(t, b, "s", 0)
	file, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	var lined strings.Builder
	go func() {
		r.Collect(file, 1, func([]byte) { read <- struct{}{} }, func(p []byte) { lined.WriteString("[" + string(p) + "]") })
		close(read)
	}()
	say := func(text string) {
		t.Helper()
		if _, err := w.WriteString(text); err != nil {
			t.Fatal(err)
		}
		<-read
		for { // until the collector has taken what it read
			if got, _ := ask(t, l, object{}); strings.HasSuffix(strings.Join(got, "|"), strings.TrimSuffix(text, "\n")) {
				return
			}
		}
	}
	expect := func(tail int, want string) {
		t.Helper()
		if got, _ := ask(t, l, object{"tail": tail}); strings.Join(got, "|") != want {
			t.Fatalf("%.200q, not %q", got, want)
		}
	}
	say("whole\n")
	say("Password: ")
	expect(9, "s out whole|s out Password: ")
	expect(1, "s out Password: ")
	second := channeltest.Serve(t, map[string]channel.Opener{"logs": b.Opener()})
	follower := channeltest.Open(t, second, object{"op": "logs", "follow": true, "tail": 0})
	follower.Expect(protocol.Started)
	write(r, 2, "another stream\n")
	say("more")
	expect(9, "s out whole|s err another stream|s out Password: more")
	say(", done\n")
	expect(9, "s out whole|s err another stream|s out Password: more, done")
	say("last")
	w.Close()
	<-read
	expect(1, "s out last")
	if got := follower.Until(1, "last\n"); strings.Contains(got, "done") {
		t.Fatalf("a line that began before the follower came is cut: %q", got)
	}
	if want := "[whole\n][Password: more, done\n][last]"; lined.String() != want {
		t.Fatalf("the lines are told as %q", lined.String())
	}
	write(r, 1, "next\n")
	expect(2, "s out last|s out next")
}

func TestALineThatLosesItsEndIsToldAsMissing(t *testing.T) {
	b, _ := book(t)
	r := add(t, b, "s", minBytes)
	record := func(part Part, text string) { r.append(1, part, append(make([]byte, HeaderSize), text...)) }
	m := merge(b.find("s"), -1, false)
	skip, out := int64(0), []byte(nil)
	read := func() {
		for c := range m.records {
			out = c.append(c.appendGap(out), 0, &skip, goesOn)
		}
	}
	record(Begun, "begin")
	read()
	for range 40 {
		record(Begun|Continued, strings.Repeat("x", 4000))
	}
	record(Continued, "end")
	record(Whole, "next\n")
	read()
	lines := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(lines) != 3 || !strings.HasSuffix(lines[1], "s gap 1") || !strings.HasSuffix(lines[2], "s out next") {
		t.Fatalf("%.300q", lines)
	}
}

func TestAFloodIsTakenFast(t *testing.T) {
	b, _ := book(t)
	r := add(t, b, "flood", 0)
	f, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		chunk := []byte(strings.Repeat("y\n", 32<<10))
		for range 100 << 20 / len(chunk) {
			w.Write(chunk)
		}
		w.Close()
	}()
	begun := time.Now()
	r.Collect(f, 1, nil, nil)
	if took := time.Since(begun); took > 30*time.Second {
		t.Fatalf("100 MB took %s", took)
	}
}

// ending is a machine that ends when it is told to, once nobody attends.
type ending struct {
	attended sync.WaitGroup
	over     chan struct{}
}

func (e *ending) Attend() func() {
	e.attended.Add(1)
	return e.attended.Done
}

func (e *ending) Over() <-chan struct{} { return e.over }

func TestWhoFollowsHasAllThatWasWrittenBeforeTheMachineEnds(t *testing.T) {
	b, l := book(t)
	machine := &ending{over: make(chan struct{})}
	b.Machine = machine
	web := add(t, b, "web", 0)
	h := channeltest.Open(t, l, object{"op": "logs", "follow": true})
	h.Expect(protocol.Started)
	const all = 20_000
	for i := range all {
		write(web, 1, fmt.Sprintf("line %d\n", i))
	}
	close(machine.over)
	var text strings.Builder
	for {
		f := h.Frame()
		if f.Type == protocol.Result {
			break
		}
		text.Write(f.Payload)
	}
	if n := strings.Count(text.String(), "\n"); n != all || !strings.HasSuffix(text.String(), fmt.Sprintf(" line %d\n", all-1)) {
		t.Fatalf("%d lines", n)
	}
	h.Conn.Close()
	machine.attended.Wait()
}
