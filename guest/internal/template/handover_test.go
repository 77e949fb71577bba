package template

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"mvm/guest/internal/channel"
)

// host is one that sends pieces and then goes.
type host struct {
	pieces [][]byte
	heard  bytes.Buffer
}

func (h *host) Read(b []byte) (int, error) {
	if len(h.pieces) == 0 {
		return 0, channel.ErrHostGone
	}
	n := copy(b, h.pieces[0])
	if h.pieces[0] = h.pieces[0][n:]; len(h.pieces[0]) == 0 {
		h.pieces = h.pieces[1:]
	}
	return n, nil
}

func (h *host) Write(b []byte) (int, error)        { return h.heard.Write(b) }
func (h *host) SetWriteDeadline(_ time.Time) error { return nil }

func TestAConfigurationIsReadInWhateverPiecesItComesAndNothingBehindIt(t *testing.T) {
	b, err := os.ReadFile("../../../protocol/vectors/configurations.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct{ Name, Configuration, Bytes string }
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) == 0 {
		t.Fatal(err)
	}
	for _, v := range vectors {
		sent, err := hex.DecodeString(v.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{1, 7, len(sent) + 9} {
			h := &host{}
			for rest := append(bytes.Clone(sent), "preamble"...); len(rest) > 0; {
				n := min(size, len(rest))
				h.pieces, rest = append(h.pieces, rest[:n]), rest[n:]
			}
			text, err := Await(h)
			if err != nil || string(text) != v.Configuration {
				t.Errorf("%s, in pieces of %d: %q, %v", v.Name, size, text, err)
			}
			if left := bytes.Join(h.pieces, nil); string(left) != "preamble" {
				t.Errorf("%s, in pieces of %d: %q is left", v.Name, size, left)
			}
			if h.heard.String() != Waiting {
				t.Errorf("the host heard %q", h.heard.String())
			}
		}
	}
}

func TestWhatIsNoConfigurationEndsTheTemplate(t *testing.T) {
	for what, sent := range map[string]string{
		"another opening":   strings.Repeat("k", headerSize),
		"too much":          mark + "\xff\xff\xff\xff{}",
		"a host that left":  mark + "\x00\x00\x00\x05{}",
		"nothing, and gone": "",
	} {
		h := &host{}
		if sent != "" {
			h.pieces = [][]byte{[]byte(sent)}
		}
		if text, err := Await(h); err == nil {
			t.Errorf("%s: %q was taken", what, text)
		} else if strings.HasPrefix(what, "nothing") && !errors.Is(err, channel.ErrHostGone) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
