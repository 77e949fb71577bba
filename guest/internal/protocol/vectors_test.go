package protocol

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"testing"
)

const vectors = "../../../protocol/vectors/"

func load[T any](t testing.TB, name string) []T {
	t.Helper()
	b, err := os.ReadFile(vectors + name)
	if err != nil {
		t.Fatal(err)
	}
	var v []T
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type frameVector struct {
	Name  string `json:"name"`
	Bytes string `json:"bytes"`
	Frame struct {
		Type    Type   `json:"type"`
		Stream  uint8  `json:"stream"`
		Payload string `json:"payload"`
	} `json:"frame"`
}

type invalidVector struct {
	Name   string `json:"name"`
	Bytes  string `json:"bytes"`
	Reason string `json:"reason"`
}

type openingVector struct {
	Name    string `json:"name"`
	Mark    string `json:"mark"`
	Bytes   string `json:"bytes"`
	Dropped int    `json:"dropped"`
	Nonce   string `json:"nonce"`
	Rest    string `json:"rest"`
}

type proofVector struct {
	Name       string `json:"name"`
	Key        string `json:"key"`
	Host       string `json:"hostNonce"`
	Guest      string `json:"guestNonce"`
	Mark       string `json:"mark"`
	GuestProof string `json:"guestProof"`
	Stopping   string `json:"stoppingProof"`
	HostProof  string `json:"hostProof"`
}

// pieces cuts b so that every kind of boundary is met: whole, by the byte, in sevens.
func pieces(b []byte, size int) (out [][]byte) {
	for len(b) > size {
		out, b = append(out, b[:size]), b[size:]
	}
	return append(out, b)
}

func TestFramesDecodeAndEncodeAsTheVectorsSay(t *testing.T) {
	for _, v := range load[frameVector](t, "frames.json") {
		raw, payload := unhex(t, v.Bytes), unhex(t, v.Frame.Payload)
		if got := AppendFrame(nil, Frame{v.Frame.Type, v.Frame.Stream, payload}); string(got) != string(raw) {
			t.Errorf("%s: encoded as %x", v.Name, got)
		}
		for _, size := range []int{len(raw), 1, 7} {
			var d Decoder
			count := 0
			for _, p := range pieces(raw, size) {
				if err := d.Feed(p, func(f Frame) error {
					count++
					if f.Type != v.Frame.Type || f.Stream != v.Frame.Stream || string(f.Payload) != string(payload) {
						t.Errorf("%s: decoded as %+v", v.Name, f)
					}
					return nil
				}); err != nil {
					t.Errorf("%s: %v", v.Name, err)
				}
			}
			if count != 1 {
				t.Errorf("%s in pieces of %d: %d frames", v.Name, size, count)
			}
		}
	}
}

func TestInvalidFramesAreRefusedForTheReasonGiven(t *testing.T) {
	for _, v := range load[invalidVector](t, "invalid.json") {
		raw := unhex(t, v.Bytes)
		for _, size := range []int{len(raw), 1, 7} {
			var d Decoder
			var err error
			for _, p := range pieces(raw, size) {
				if err = d.Feed(p, func(Frame) error { return nil }); err != nil {
					break
				}
			}
			var violation *Violation
			if !errors.As(err, &violation) || violation.Reason != v.Reason {
				t.Errorf("%s in pieces of %d: got %v, want reason %s", v.Name, size, err, v.Reason)
			}
		}
	}
}

type opening struct {
	nonce []byte
	rest  []byte
	began int
}

func (o *opening) Interrupt()              { o.nonce, o.rest = nil, nil }
func (o *opening) Begin(n [NonceSize]byte) { o.nonce = n[:]; o.began++ }
func (o *opening) Bytes(p []byte)          { o.rest = append(o.rest, p...) }

func TestOpeningsAreFoundWhereTheVectorsSay(t *testing.T) {
	for _, v := range load[openingVector](t, "openings.json") {
		mark, raw := unhex(t, v.Mark), unhex(t, v.Bytes)
		for size := 1; size <= len(raw); size++ {
			var o opening
			s := NewScanner([MarkSize]byte(mark))
			for _, p := range pieces(raw, size) {
				s.Feed(p, &o)
			}
			if hex.EncodeToString(o.nonce) != v.Nonce || hex.EncodeToString(o.rest) != v.Rest {
				t.Fatalf("%s in pieces of %d: nonce %x rest %x", v.Name, size, o.nonce, o.rest)
			}
		}
		if got := len(raw) - len(unhex(t, v.Rest)) - NonceSize - MarkSize; got != v.Dropped {
			t.Errorf("%s: the vector contradicts itself: %d bytes precede the mark", v.Name, got)
		}
	}
}

func TestProofsAreThoseOfTheVectors(t *testing.T) {
	for _, v := range load[proofVector](t, "proofs.json") {
		key := Key(unhex(t, v.Key))
		host, guest := [NonceSize]byte(unhex(t, v.Host)), [NonceSize]byte(unhex(t, v.Guest))
		mark, ofGuest, ofHost := key.Mark(), key.GuestProof(host, false), key.HostProof(host, guest)
		stopping := key.GuestProof(host, true)
		for name, got := range map[string][2]string{
			"mark":                             {hex.EncodeToString(mark[:]), v.Mark},
			"guest proof":                      {hex.EncodeToString(ofGuest[:]), v.GuestProof},
			"proof of a guest that powers off": {hex.EncodeToString(stopping[:]), v.Stopping},
			"host proof":                       {hex.EncodeToString(ofHost[:]), v.HostProof},
		} {
			if got[0] != got[1] {
				t.Errorf("%s: the %s is %s, not %s", v.Name, name, got[0], got[1])
			}
		}
	}
}

func TestGuestNoncesOfOneBootDiffer(t *testing.T) {
	key := Key{1}
	seen := map[[NonceSize]byte]bool{}
	for n := range uint64(1000) {
		seen[key.GuestNonce(n)] = true
	}
	if len(seen) != 1000 {
		t.Fatalf("1000 openings have %d nonces", len(seen))
	}
}
