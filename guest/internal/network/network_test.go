package network

import (
	"os"
	"path/filepath"
	"testing"
	"unsafe"
)

func TestPrefixesAreRead(t *testing.T) {
	a, bits, err := parsePrefix("10.0.2.15/24")
	if err != nil || a != [4]byte{10, 0, 2, 15} || bits != 24 || mask(bits) != [4]byte{255, 255, 255, 0} {
		t.Fatal(a, bits, err)
	}
	if mask(0) != [4]byte{} || mask(32) != [4]byte{255, 255, 255, 255} {
		t.Fatal(mask(0), mask(32))
	}
	for _, s := range []string{"", "10.0.2.15", "10.0.2/24", "10.0.2.256/24", "10.0.2.1/33", "a.b.c.d/8", "1.2.3.4.5/8", "::1/64"} {
		if _, _, err := parsePrefix(s); err == nil {
			t.Errorf("%q was taken", s)
		}
	}
}

func TestRouteEntriesHaveTheKernelsSize(t *testing.T) {
	// sizeof(struct rtentry) with linux/route.h on x86_64 and aarch64.
	if n := unsafe.Sizeof(rtentry{}); n != 120 {
		t.Fatal(n)
	}
}

func TestAFileIsWrittenUnlessSomebodyKeepsHisOwn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hosts")
	for name, c := range map[string]struct{ before, after string }{
		"empty":                         {"", mark + "new\n"},
		"zeros that a power cut left":   {"\x00\x00\x00", mark + "new\n"},
		"ours":                          {mark + "old\n", mark + "new\n"},
		"somebody's":                    {"127.0.0.1 mine\n", "127.0.0.1 mine\n"},
		"somebody's, with a zero in it": {"\x00mine", "\x00mine"},
	} {
		if err := os.WriteFile(file, []byte(c.before), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := write(file, "new\n"); err != nil {
			t.Fatal(name, err)
		}
		if got, _ := os.ReadFile(file); string(got) != c.after {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAFileOfOneLineIsWrittenWhereNothingIsInIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hostname")
	for _, before := range []string{"", "\x00\x00"} {
		if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := writeLine(file, "demo"); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(file); string(got) != "demo\n" {
			t.Fatalf("%q", got)
		}
	}
	if err := writeLine(file, "other"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(file); string(got) != "demo\n" {
		t.Fatalf("%q", got)
	}
}
