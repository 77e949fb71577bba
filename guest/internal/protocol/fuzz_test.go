package protocol

import (
	"bytes"
	"testing"
)

func FuzzDecoder(f *testing.F) {
	for _, v := range load[frameVector](f, "frames.json") {
		f.Add(unhex(f, v.Bytes), uint8(3))
	}
	for _, v := range load[invalidVector](f, "invalid.json") {
		f.Add(unhex(f, v.Bytes), uint8(1))
	}
	f.Fuzz(func(t *testing.T, raw []byte, size uint8) {
		decode := func(parts [][]byte) (out []byte, failed bool) {
			var d Decoder
			for _, p := range parts {
				if d.Feed(p, func(f Frame) error {
					out = AppendFrame(out, f)
					return nil
				}) != nil {
					return out, true
				}
			}
			return out, false
		}
		whole, failed := decode([][]byte{raw})
		if !bytes.HasPrefix(raw, whole) {
			t.Fatalf("the frames decoded are not those of the bytes")
		}
		parts, failedInParts := decode(pieces(raw, int(size)+1))
		if !bytes.Equal(whole, parts) || failed != failedInParts {
			t.Fatalf("in pieces of %d: %x and %v, not %x and %v", int(size)+1, parts, failedInParts, whole, failed)
		}
	})
}

func FuzzScanner(f *testing.F) {
	for _, v := range load[openingVector](f, "openings.json") {
		f.Add(unhex(f, v.Mark), unhex(f, v.Bytes), uint8(5))
	}
	f.Fuzz(func(t *testing.T, mark, raw []byte, size uint8) {
		if len(mark) != MarkSize {
			return
		}
		scan := func(parts [][]byte) opening {
			var o opening
			s := NewScanner([MarkSize]byte(mark))
			for _, p := range parts {
				s.Feed(p, &o)
			}
			return o
		}
		// The specification, straight: marks do not overlap, and the last one counts.
		var want opening
		rest := raw
		for {
			i := bytes.Index(rest, mark)
			if i < 0 {
				break
			}
			rest = rest[i+MarkSize:]
			want = opening{}
			body := rest
			if j := bytes.Index(rest, mark); j >= 0 {
				body = rest[:j]
			}
			if len(body) >= NonceSize {
				want.nonce, want.rest = body[:NonceSize], body[NonceSize:]
			}
		}
		for _, parts := range [][][]byte{{raw}, pieces(raw, int(size)+1)} {
			got := scan(parts)
			// A mark cut by a piece's end may have been passed on in part, but only before that mark.
			if !bytes.Equal(got.nonce, want.nonce) || !bytes.Equal(got.rest, want.rest) {
				t.Fatalf("got %x %x, want %x %x", got.nonce, got.rest, want.nonce, want.rest)
			}
		}
	})
}
