package tree

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
)

const vectorFile = "../../../protocol/vectors/trees.json"

var update = flag.Bool("update", false, "write protocol/vectors/trees.json anew")

// vector is what a side sends, and how it is read; the last record is refused for the reason, or fine where that is empty.
type vector struct {
	Name    string   `json:"name"`
	Bytes   string   `json:"bytes"`
	Records []string `json:"records"`
	Reason  string   `json:"reason"`
}

// spoken is a Handler that writes down what it gets.
type spoken struct{ records []string }

func (s *spoken) say(format string, args ...any) error {
	s.records = append(s.records, fmt.Sprintf(format, args...))
	return nil
}

func metaText(m Meta) string {
	mode := "-"
	if m.HasMode {
		mode = strconv.FormatUint(uint64(m.Mode), 8)
	}
	return fmt.Sprintf("%s %d %d", mode, m.Seconds, m.Nanoseconds)
}

func (s *spoken) Folder(m Meta, name string) error { return s.say("folder %s %x", metaText(m), name) }
func (s *spoken) File(m Meta, size int64, link uint32, name string) error {
	return s.say("file %s %d %d %x", metaText(m), size, link, name)
}
func (s *spoken) Symlink(m Meta, name, target string) error {
	return s.say("symlink %s %x %x", metaText(m), name, target)
}
func (s *spoken) Link(link uint32, name string) error { return s.say("link %d %x", link, name) }
func (s *spoken) Hole(n int64) error                  { return s.say("hole %d", n) }
func (s *spoken) End() error                          { return s.say("end") }
func (s *spoken) Done() error                         { return s.say("done") }
func (s *spoken) Skipped(why byte, path string) error { return s.say("skipped %c %x", why, path) }
func (s *spoken) Data(p []byte) error {
	if n := len(s.records); n > 0 && strings.HasPrefix(s.records[n-1], "data ") {
		s.records[n-1] += hex.EncodeToString(p)
		return nil
	}
	return s.say("data %x", p)
}

func (s *spoken) read(b []byte, size int) error {
	var d Decoder
	for at := 0; at < len(b); at += size {
		if err := d.Feed(b[at:min(len(b), at+size)], s); err != nil {
			return err
		}
	}
	return nil
}

func TestVectorsAreReadAsTheySay(t *testing.T) {
	if *update {
		save(t)
	}
	text, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil || len(all) < 20 {
		t.Fatal(err, len(all))
	}
	for _, v := range all {
		raw, _ := hex.DecodeString(v.Bytes)
		for _, size := range []int{len(raw), 1, 7} {
			s := spoken{records: []string{}}
			reason := ""
			var m *Malformed
			if err := s.read(raw, size); errors.As(err, &m) {
				reason = m.Reason
			} else if err != nil {
				t.Fatal(err)
			}
			if reason != v.Reason || !reflect.DeepEqual(s.records, v.Records) {
				t.Errorf("%s, in pieces of %d: %q %v", v.Name, size, reason, s.records)
			}
		}
	}
}

func save(t *testing.T) {
	var all []vector
	add := func(name, reason string, parts ...[]byte) {
		var raw []byte
		for _, p := range parts {
			raw = append(raw, p...)
		}
		s := spoken{records: []string{}}
		_ = s.read(raw, len(raw))
		all = append(all, vector{name, hex.EncodeToString(raw), s.records, reason})
	}
	m := Meta{Mode: 0o640, HasMode: true, Seconds: 1700000000, Nanoseconds: 123456789}
	none := Meta{}
	folder := func(name string) []byte { return AppendFolder(nil, m, name) }
	file := func(link uint32, name string) []byte { return AppendFile(nil, m, 3, link, name) }
	end, done := AppendEnd(nil), AppendDone(nil)
	data := AppendData(nil, []byte("abc"))
	link := func(n uint32, name string) []byte { return AppendLink(nil, n, name) }
	add("a file", "", file(0, ""), data, end, done)
	add("a stream", "", AppendFile(nil, none, 0, 0, ""), data, data, end, done)
	add("an empty file", "", AppendFile(nil, m, 0, 0, ""), end, done)
	add("a file with holes", "", file(0, ""), AppendHole(nil, 4096), data, AppendHole(nil, 1<<40), end, done)
	add("a symbolic link", "", AppendSymlink(nil, m, "", "../a"), done)
	add("a time before 1970", "", AppendSymlink(nil, Meta{Mode: 0o777, HasMode: true, Seconds: -2, Nanoseconds: 5}, "", "x"), done)
	add("an empty folder", "", folder(""), end, done)
	add("a sticky folder", "", AppendFolder(nil, Meta{Mode: 0o1777, HasMode: true}, ""), end, done)
	add("a tree", "", folder(""), file(1, "a"), data, end, folder("sub"), link(1, "b"),
		AppendSymlink(nil, m, "l", "/etc"), end, AppendSkipped(nil, 'p', "/x/fifo"), file(7, "z"), end, link(7, "y"), end, done)
	add("names that are not UTF-8, and of 255 bytes", "", folder(""), file(0, "caf\xe9\xff\n"), end, file(0, strings.Repeat("n", 255)), end, end, done)
	add("an unknown record", "kind", []byte{10, 0, 0, 0, 0})
	add("record zero", "kind", []byte{0, 0, 0, 0, 0})
	add("a folder without a time", "length", []byte{1, 0, 0, 0, 13}, make([]byte, 13))
	add("a name of 256 bytes", "length", folder(""), []byte{2, 0, 0, 1, 26})
	add("empty data", "length", file(0, ""), []byte{5, 0, 0, 0, 0})
	add("data beyond the limit", "length", file(0, ""), []byte{5, 0, 4, 0, 1})
	add("an end with a payload", "length", folder(""), []byte{7, 0, 0, 0, 1, 0})
	add("a name that leads up", "name", folder(""), file(0, ".."))
	add("a name that is the folder", "name", folder(""), folder("."))
	add("a path for a name", "name", folder(""), file(0, "../x"))
	add("an absolute path", "name", folder(""), file(0, "/etc/passwd"))
	add("a zero byte in a name", "name", folder(""), folder("a\x00b"))
	add("no name in a folder", "name", folder(""), file(0, ""))
	add("a name at the top", "name", folder("x"))
	add("a link's name that leads up", "name", folder(""), AppendSymlink(nil, m, "..", "x"))
	add("another name that leads up", "name", folder(""), file(1, "a"), end, link(1, "../b"))
	add("data in a folder", "order", folder(""), data)
	add("a file in a file", "order", file(0, ""), folder("x"))
	add("two entries at the top", "order", file(0, ""), end, file(0, ""))
	add("an end too many", "order", folder(""), end, end)
	add("done in a folder", "order", folder(""), done)
	add("done before all", "order", done)
	add("another name at the top", "order", link(1, "x"))
	add("something behind the end", "order", file(0, ""), end, done, end)
	add("a set-user-id bit", "payload", []byte{1, 0, 0, 0, 14, 0x09, 0xed}, make([]byte, 12))
	add("a billion nanoseconds", "payload", AppendFolder(nil, Meta{Mode: 0o755, HasMode: true, Nanoseconds: 1e9}, ""))
	add("a file of 2^53 bytes", "payload", AppendFile(nil, m, 1<<53, 0, ""))
	add("holes of 2^53 bytes", "payload", file(0, ""), AppendHole(nil, 1<<53-1), AppendHole(nil, 1))
	add("an empty hole", "payload", file(0, ""), AppendHole(nil, 0))
	add("a link without a target", "length", AppendSymlink(nil, m, "", ""))
	add("a zero byte in a target", "payload", AppendSymlink(nil, m, "", "a\x00b"))
	add("a link's name longer than its record", "payload", []byte{3, 0, 0, 0, 17}, make([]byte, 14), []byte{0, 9, 'x'})
	add("another name of what did not come", "payload", folder(""), link(1, "x"))
	add("a file's number that was there", "payload", folder(""), file(2, "a"), end, file(2, "b"))
	deep := make([][]byte, MaxDepth+1)
	for i := range deep {
		deep[i] = folder(map[bool]string{true: "", false: "d"}[i == 0])
	}
	add("too many folders in one another", "depth", deep...)
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectorFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
