package console

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func replay(h *history) string {
	var b []byte
	for _, s := range h.snapshot() {
		b = append(b, s.data...)
	}
	return string(b)
}

func TestOutputWithinTheLimitIsKeptWhole(t *testing.T) {
	h := history{limit: 1000}
	for range 10 {
		h.append([]byte("0123456789"), 24, 80)
	}
	if replay(&h) != strings.Repeat("0123456789", 10) {
		t.Fatalf("%q", replay(&h))
	}
}

func TestSizesAreKeptWithTheOutput(t *testing.T) {
	h := history{}
	h.append([]byte("a"), 24, 80)
	h.append([]byte("b"), 30, 90)
	h.append([]byte("c"), 30, 90)
	if s := h.snapshot(); len(s) != 2 || s[0].cols != 80 || s[1].cols != 90 || string(s[1].data) != "bc" {
		t.Fatalf("%+v", s)
	}
}

func TestModesOfDroppedOutputAreRestored(t *testing.T) {
	h := history{limit: 100}
	h.append([]byte("\x1b[?1049h\x1b[?25l\x1b[1;38;5;42mstart"), 24, 80)
	for range 100 {
		h.append([]byte("plain text "), 24, 80)
	}
	got := replay(&h)
	for _, want := range []string{"\x1b[?1049h", "\x1b[?25l", "\x1b[1m", "\x1b[38;5;42m"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
	if len(got) > 200 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestTheCutNeverDividesASequenceOrACharacter(t *testing.T) {
	unit := "äß€😀\x1b[38;2;1;2;3mx\x1b]0;title\x07\x1b(0q\x1b(B\x1bP$q\x1b\\"
	for extra := range 80 {
		h := history{limit: 300}
		h.append([]byte(strings.Repeat(".", extra)+strings.Repeat(unit, 40)), 24, 80)
		_, kept, _ := cutModes(&h)
		if i := strings.Index(strings.Repeat(unit, 40), kept); kept == "" || i < 0 {
			t.Fatalf("kept %q", kept)
		}
		first := kept[0]
		if first&0xc0 == 0x80 || !strings.HasSuffix(strings.Repeat(unit, 40), kept) {
			t.Fatalf("cut at %q", kept[:20])
		}
		// What precedes the cut must be whole units of text: the rest must begin at a boundary.
		for _, bad := range []string{"[38", "38;", "]0;", "title", "(0", "(B", "$q", "\\"} {
			if strings.HasPrefix(kept, bad) {
				t.Fatalf("cut inside a sequence: %q", kept[:10])
			}
		}
	}
}

func cutModes(h *history) (modes, kept string, all string) {
	modes = string(h.dropped.Restore())
	all = replay(h)
	return modes, strings.TrimPrefix(all, modes), all
}

func TestASequenceWithoutEndIsDroppedAsAWhole(t *testing.T) {
	h := history{limit: 100}
	h.append([]byte("\x1b]52;"+strings.Repeat("A", 500)), 24, 80)
	h.append([]byte(strings.Repeat("A", 500)), 24, 80)
	h.append([]byte("\x07text"), 24, 80)
	if got := replay(&h); got != "text" {
		t.Fatalf("%q", got)
	}
}

func TestPositionsFollowTheOutput(t *testing.T) {
	h := history{limit: 50_000}
	var all bytes.Buffer
	position := int64(0)
	for i := range 3000 {
		line := fmt.Sprintf("line %d\n", i)
		h.append([]byte(line), 24, 80)
		all.WriteString(line)
		for {
			p, ok := h.at(position)
			if !ok {
				t.Fatal("dropped though it is recent")
			}
			if len(p) == 0 {
				break
			}
			if string(p) != all.String()[position:position+int64(len(p))] {
				t.Fatalf("wrong output at %d", position)
			}
			position += int64(len(p))
		}
	}
	h.append(make([]byte, 100_000), 24, 80)
	if _, ok := h.at(position); ok {
		t.Fatal("what was dropped cannot be had")
	}
}
