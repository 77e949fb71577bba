package network

import (
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
