package mux

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"testing"

	"mvm/guest/internal/protocol"
)

const vectorFile = "../../../protocol/vectors/streams.json"

var update = flag.Bool("update", false, "write protocol/vectors/streams.json anew")

// streamVector is what one side does that has streams 1 and 3 open, both unread. Reason is that of the breach which the last frame is;
// empty: it is none.
type streamVector struct {
	Name   string   `json:"name"`
	Frames []string `json:"frames"`
	Reason string   `json:"reason"`
}

type frame struct {
	t       protocol.Type
	id      uint32
	payload string
}

func vectorsOf() (out []streamVector) {
	add := func(name, reason string, frames ...frame) {
		v := streamVector{Name: name, Reason: reason}
		for _, f := range frames {
			v.Frames = append(v.Frames, hex.EncodeToString(protocol.AppendStreamFrame(nil, f.t, f.id, []byte(f.payload))))
		}
		out = append(out, v)
	}
	const data, end, reset, win = protocol.StreamData, protocol.StreamEnd, protocol.StreamReset, protocol.StreamWindow
	full := frame{data, 1, string(make([]byte, FirstWindow))}
	window := func(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
	add("a window's worth of data", "", full)
	add("a window's worth of data, and its end", "", full, frame{end, 1, ""})
	add("a window's worth of two streams", "", full, frame{data, 3, full.payload})
	add("a byte beyond the window", "credit", full, frame{data, 1, "x"})
	add("data after the end", "order", frame{end, 1, ""}, frame{data, 1, "x"})
	add("two ends", "order", frame{end, 1, ""}, frame{end, 1, ""})
	add("data after a reset", "", frame{reset, 1, "gone"}, frame{data, 1, "x"})
	add("more than a window after a reset", "", frame{reset, 1, "gone"}, full, full)
	add("an end and a window after a reset", "", frame{reset, 1, "gone"}, frame{end, 1, ""}, frame{win, 1, window(1)})
	add("two resets", "", frame{reset, 1, "gone"}, frame{reset, 1, "gone"})
	add("a reset after the end", "", frame{end, 1, ""}, frame{reset, 1, "gone"})
	add("a reason that nobody knows", "", frame{reset, 1, "\x1b[31m?"})
	add("data of a stream that was not opened", "stream", frame{data, 5, "x"})
	add("a reset of a stream that was not opened", "stream", frame{reset, 5, "gone"})
	add("data of a stream of the other side", "stream", frame{data, 2, "x"})
	add("a window up to the most", "", frame{win, 1, window(mostCredit - FirstWindow)})
	add("a window beyond the most", "payload", frame{win, 1, window(mostCredit - FirstWindow + 1)})
	add("a window that would overflow", "payload", frame{win, 1, window(1 << 20)}, frame{win, 1, "\xff\xff\xff\xff"})
	add("a window of nothing", "payload", frame{win, 1, window(0)})
	add("a window after the end", "", frame{end, 1, ""}, frame{win, 1, window(1)})
	return out
}

func TestTheStreamVectorsAreAsTheyAreWritten(t *testing.T) {
	want, _ := json.MarshalIndent(vectorsOf(), "", "  ")
	want = append(want, '\n')
	if *update {
		if err := os.WriteFile(vectorFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(vectorFile); err != nil || string(got) != string(want) {
		t.Fatalf("%v: go test ./internal/mux -run Vectors -update writes them", err)
	}
}

func TestABreachIsRefusedForTheReasonOfTheVector(t *testing.T) {
	for _, v := range vectorsOf() {
		m := New(&recorder{}, func(*Stream, []byte) {})
		for _, id := range []uint32{1, 3} {
			feed(t, m, protocol.StreamOpen, id, "{}")
		}
		for i, text := range v.Frames {
			raw := unhex(text)
			var d protocol.Decoder
			err := d.Feed(raw, m.Frame)
			if i < len(v.Frames)-1 && err != nil {
				t.Fatalf("%s: frame %d: %v", v.Name, i, err)
			}
			if i == len(v.Frames)-1 && reasonOf(err) != v.Reason {
				t.Errorf("%s: %v, not %q", v.Name, err, v.Reason)
			}
		}
	}
}

func reasonOf(err error) string {
	var violation *protocol.Violation
	if errors.As(err, &violation) {
		return violation.Reason
	}
	return ""
}

func feed(t testing.TB, m *Session, typ protocol.Type, id uint32, payload string) {
	t.Helper()
	raw := protocol.AppendStreamFrame(nil, typ, id, []byte(payload))
	var d protocol.Decoder
	if err := d.Feed(raw, m.Frame); err != nil {
		t.Fatal(err)
	}
}

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}
