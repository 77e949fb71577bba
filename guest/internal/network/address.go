package network

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
)

// parsePrefix reads an IPv4 address with its prefix length, as in 10.0.2.15/24. The package net would
// cost the agent half a megabyte.
func parsePrefix(s string) (a [4]byte, bits int, err error) {
	host, length, ok := strings.Cut(s, "/")
	if !ok {
		return a, 0, fmt.Errorf("%q is not an address with a prefix length", s)
	}
	bits, err = strconv.Atoi(length)
	if err != nil || bits < 0 || bits > 32 {
		return a, 0, fmt.Errorf("%q has no prefix length between 0 and 32", s)
	}
	a, err = parseAddress(host)
	return a, bits, err
}

func parseAddress(s string) (a [4]byte, err error) {
	parts := strings.Split(s, ".")
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || len(parts) != 4 {
			return a, fmt.Errorf("%q is not an IPv4 address", s)
		}
		a[i] = byte(n)
	}
	return a, nil
}

func mask(bits int) (m [4]byte) {
	binary.BigEndian.PutUint32(m[:], uint32(uint64(0xffffffff00000000)>>bits))
	return m
}
