package vt

import (
	"strings"
	"testing"
)

func after(output string) string {
	var t Tracker
	t.Feed([]byte(output))
	return string(t.Restore())
}

func TestModesAreRestored(t *testing.T) {
	for name, c := range map[string]struct{ output, restore string }{
		"a fresh terminal":        {"hello\r\n", ""},
		"the alternate screen":    {"\x1b[?1049h", "\x1b[?1049h"},
		"set and reset":           {"\x1b[?25l\x1b[?25h", "\x1b[?25h"},
		"several at once":         {"\x1b[?1000;1006h", "\x1b[?1000h\x1b[?1006h"},
		"the order of settings":   {"\x1b[?25l\x1b[?1049h\x1b[?25l", "\x1b[?1049h\x1b[?25l"},
		"insert mode":             {"\x1b[4h", "\x1b[4h"},
		"colour":                  {"\x1b[1;31m", "\x1b[1m\x1b[31m"},
		"256 colours":             {"\x1b[38;5;200;48;2;1;2;3m", "\x1b[38;5;200m\x1b[48;2;1;2;3m"},
		"colour with colons":      {"\x1b[38:2::1:2:3m", "\x1b[38:2::1:2:3m"},
		"a colour replaced":       {"\x1b[31m\x1b[94m", "\x1b[94m"},
		"rendition reset":         {"\x1b[1;31;7m\x1b[m", ""},
		"one attribute reset":     {"\x1b[1;7m\x1b[22m", "\x1b[7m"},
		"xterm's modifyOtherKeys": {"\x1b[>4;2m", ""},
		"line drawing":            {"\x1b(0", "\x1b(0"},
		"line drawing over":       {"\x1b(0\x1b(B", ""},
		"shift out":               {"\x1b)0\x0e", "\x1b)0\x0e"},
		"application keypad":      {"\x1b=", "\x1b="},
		"a scroll region":         {"\x1b[2;20r", "\x1b[2;20r"},
		"a cursor's shape":        {"\x1b[5 q", "\x1b[5 q"},
		"a title":                 {"\x1b]0;vi\x07", "\x1b]0;vi\x07"},
		"a full reset":            {"\x1b[?1049h\x1b[1m\x1bc", ""},
		"a soft reset":            {"\x1b[?25l\x1b[1m\x1b[!p", ""},
		"inside a string":         {"\x1bP\x1b[1m", "\x1b[1m"},
		"an aborted sequence":     {"\x1b[?25\x18l", ""},
		"a broken colour":         {"\x1b[38;5m\x1b[38m", "\x1b[38m"},
	} {
		if got := after(c.output); got != c.restore {
			t.Errorf("%s: %q, want %q", name, got, c.restore)
		}
	}
}

func TestBoundariesAreOutsideOfSequencesAndCharacters(t *testing.T) {
	for output, boundary := range map[string]bool{
		"a": true, "\x1b": false, "\x1b[": false, "\x1b[3": false, "\x1b[31": false, "\x1b[31m": true,
		"\x1b]0;x": false, "\x1b]0;x\x1b": false, "\x1b]0;x\x1b\\": true, "\x1b]0;x\x07": true, "\x1b(": false,
		"\x1b(0": true, "\x1bP1$r": false, "\xe2": false, "\xe2\x82": false, "\xe2\x82\xac": true, "\xff": true,
		"\xe2\x82a": true, "\xe2\x1b[m": true, "\x1b\x1b[m": true, "\x1b[1\x1b[m": true,
	} {
		var tr Tracker
		if tr.Feed([]byte(output)); tr.AtBoundary() != boundary {
			t.Errorf("after %q: boundary is %v", output, !boundary)
		}
	}
}

func TestQuestionsAreTakenOutAndNothingElse(t *testing.T) {
	for output, want := range map[string]string{
		"plain":                                            "plain",
		"$ \x1b[6n":                                        "$ ",
		"a\x1b[cb\x1b[>cc\x1b[=0cd":                        "abcd",
		"\x1b[5n\x1b[?6n\x1b[18t\x1b[14t":                  "",
		"\x1b]11;?\x07\x1b]10;?\x1b\\x":                    "x",
		"\x1bP$qm\x1b\\\x1bP+q544e\x1b\\":                  "",
		"\x1b[?2026$p\x1b[>0q\x1b[?u\x05":                  "",
		"\x1b[31mred\x1b[0m\x1b[2 q":                       "\x1b[31mred\x1b[0m\x1b[2 q",
		"\x1b]0;what?\x07":                                 "\x1b]0;what?\x07",
		"\x1b]8;;http://x/?a\x07":                          "\x1b]8;;http://x/?a\x07",
		"\x1b[?1;2c":                                       "\x1b[?1;2c",
		"\x1b[22;0t\x1b[8;24;80t":                          "\x1b[22;0t\x1b[8;24;80t",
		"\x1b[3\x1b[6nx":                                   "x",
		"grün €\x1b(0\x00\xff":                             "grün €\x1b(0\x00\xff",
		"\x1b]52;c;" + strings.Repeat("A", 1000) + "\x07.": "\x1b]52;c;" + strings.Repeat("A", 1000) + "\x07.",
	} {
		for _, size := range []int{1, 3, 5000} {
			var f, asked Filter
			var got, all []byte
			for rest := []byte(output); len(rest) > 0; {
				n := min(size, len(rest))
				got, all = f.Append(got, rest[:n], false), asked.Append(all, rest[:n], true)
				rest = rest[n:]
			}
			if string(got) != want || string(all) != output {
				t.Errorf("%q in pieces of %d: %q and %q", output, size, got, all)
			}
		}
	}
}

func TestAHostileProgramCannotFillTheMemory(t *testing.T) {
	var tr Tracker
	for i := range 100_000 {
		tr.Feed([]byte("\x1b[?" + strings.Repeat("7", i%200) + "h"))
	}
	tr.Feed([]byte("\x1b]0;" + strings.Repeat("x", 1<<20)))
	if len(tr.Restore()) > 64*300 {
		t.Fatalf("%d bytes", len(tr.Restore()))
	}
}

func FuzzTracker(f *testing.F) {
	f.Add([]byte("\x1b[?1049h\x1b[38;5;1mä\x1b]0;t\x07"), 5)
	f.Add([]byte("\x1bP\x1b\\\x1b(0\x0e\xf0\x9f\x98\x80"), 3)
	f.Fuzz(func(t *testing.T, output []byte, n int) {
		var whole, cut Tracker
		whole.Feed(output)
		n = min(max(n, 0), len(output))
		i := cut.FeedToBoundary(output, n)
		if i < n || (i < len(output) && !cut.AtBoundary()) {
			t.Fatalf("cut at %d of %d, asked for %d", i, len(output), n)
		}
		cut.Feed(output[i:])
		if string(cut.Restore()) != string(whole.Restore()) {
			t.Fatal("a cut changed the modes")
		}
		// What restores the modes must itself lead to them.
		var again Tracker
		again.Feed(whole.Restore())
		if string(again.Restore()) != string(whole.Restore()) {
			t.Fatalf("%q restores %q", whole.Restore(), again.Restore())
		}
	})
}

func FuzzFilter(f *testing.F) {
	f.Add([]byte("a\x1b[6nb\x1b]11;?\x07\x05"), 3)
	f.Fuzz(func(t *testing.T, output []byte, n int) {
		n = min(max(n, 0), len(output))
		var whole, cut, asked Filter
		w := whole.Append(nil, output, false)
		c := cut.Append(cut.Append(nil, output[:n], false), output[n:], false)
		if string(w) != string(c) || string(whole.Rest()) != string(cut.Rest()) {
			t.Fatalf("%q and %q", w, c)
		}
		if a := asked.Append(nil, output, true); string(a)+string(asked.Rest()) != string(output) {
			t.Fatalf("%q", a)
		}
	})
}
