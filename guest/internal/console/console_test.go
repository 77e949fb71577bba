package console

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
)

var reaper = process.NewReaper()

type object = map[string]any

// room is a manager with any number of links to it.
type room struct {
	*testing.T
	m *Manager
}

func newRoom(t *testing.T, script string) *room {
	m := &Manager{Reaper: reaper, Entrypoint: Entrypoint{Argv: []string{"/bin/sh", "-c", script}, Accessible: true}}
	t.Cleanup(func() { m.HangUp() })
	return &room{t, m}
}

type started struct {
	Session, Attached int
	Created           bool
}

func (r *room) open(rows, cols int) *channeltest.Host {
	r.Helper()
	l := channeltest.Serve(r.T, map[string]channel.Opener{"console": r.m.Opener()})
	return channeltest.Open(r.T, l, object{"op": "console", "rows": rows, "cols": cols, "env": object{"TERM": "vt100"}})
}

func (r *room) attach(rows, cols int) (*channeltest.Host, started) {
	r.Helper()
	h := r.open(rows, cols)
	var s started
	json.Unmarshal(h.Expect(protocol.Started).Payload, &s)
	return h, s
}

// replayed collects what comes before LIVE: sizes and text.
func replayed(h *channeltest.Host) (sizes [][2]uint16, text string) {
	h.T.Helper()
	for {
		switch f := h.Frame(); {
		case f.Type == protocol.Live:
			return sizes, text
		case f.Type == protocol.Resize:
			rows, cols := protocol.Size(f.Payload)
			sizes = append(sizes, [2]uint16{rows, cols})
		case f.Type == protocol.Data && f.Stream == protocol.Replay:
			text += string(f.Payload)
		default:
			h.T.Fatalf("a frame of type %x before LIVE", f.Type)
		}
	}
}

const cat = "stty -echo; echo ready; exec cat"

func TestASessionStartsWithTheFirstAttachmentAndItsSize(t *testing.T) {
	r := newRoom(t, "stty size; echo $TERM; pwd; exec cat")
	h, s := r.attach(31, 77)
	if !s.Created || s.Attached != 1 {
		t.Fatalf("%+v", s)
	}
	h.Expect(protocol.Live)
	h.Until(1, "31 77\r\nvt100\r\n/root\r\n")
}

func TestALaterAttachmentGetsTheReplayAndThenWhatIsLive(t *testing.T) {
	r := newRoom(t, cat)
	one, _ := r.attach(24, 80)
	one.Expect(protocol.Live)
	one.Until(1, "ready")
	one.Input("first\n")
	one.Until(1, "first")
	two, s := r.attach(30, 90)
	if s.Created || s.Attached != 2 {
		t.Fatalf("%+v", s)
	}
	sizes, text := replayed(two)
	if !strings.Contains(text, "ready") || !strings.Contains(text, "first") || len(sizes) == 0 || sizes[0] != [2]uint16{24, 80} {
		t.Fatalf("%v %q", sizes, text)
	}
	two.Input("second\n")
	one.Until(1, "second")
	two.Until(1, "second")
}

func TestDetachingLeavesTheSession(t *testing.T) {
	r := newRoom(t, cat)
	h, first := r.attach(24, 80)
	h.Expect(protocol.Live)
	h.Until(1, "ready")
	h.Input("typed and gone\n")
	h.Until(1, "gone")
	h.Send(protocol.Close, 0, nil)
	h, s := r.attach(24, 80)
	if s.Created || s.Session != first.Session {
		t.Fatalf("%+v", s)
	}
	if _, text := replayed(h); !strings.Contains(text, "typed and gone") {
		t.Fatalf("%q", text)
	}
}

func TestTheSizeIsThatOfTheLastWhoWasActive(t *testing.T) {
	r := newRoom(t, "stty -echo; echo ready; while read x; do stty size; done")
	one, _ := r.attach(24, 80)
	one.Expect(protocol.Live)
	one.Until(1, "ready")
	two, _ := r.attach(30, 90)
	replayed(two)
	two.Input("\n")
	two.Until(1, "30 90")
	one.Input("\n") // typing brings the size back
	one.Until(1, "24 80")
	two.Send(protocol.Resize, 0, protocol.AppendSize(nil, 11, 22))
	two.Input("\n")
	two.Until(1, "11 22")
}

func TestTheEndReachesEveryAttachmentAndTheNextGetsANewSession(t *testing.T) {
	r := newRoom(t, "echo ready; read x; echo bye; exit 5")
	one, first := r.attach(24, 80)
	one.Expect(protocol.Live)
	one.Until(1, "ready")
	two, _ := r.attach(24, 80)
	replayed(two)
	one.Input("\n")
	for _, h := range []*channeltest.Host{one, two} {
		if out, _, exit := h.End(); exit.Status != 5 || !strings.Contains(out, "bye") {
			t.Fatalf("%q %+v", out, exit)
		}
	}
	_, s := r.attach(24, 80)
	if !s.Created || s.Session == first.Session {
		t.Fatalf("%+v", s)
	}
}

func TestTwoAtTheSameMomentStartOneSession(t *testing.T) {
	r := newRoom(t, cat)
	var wg sync.WaitGroup
	var mu sync.Mutex
	created, sessions := 0, map[int]bool{}
	hosts := []*channeltest.Host{}
	links := []*channeltest.Link{}
	for range 8 {
		links = append(links, channeltest.Serve(t, map[string]channel.Opener{"console": r.m.Opener()}))
	}
	for _, l := range links {
		hosts = append(hosts, channeltest.Dial(t, l))
	}
	for _, h := range hosts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			h.Begin(object{"op": "console", "rows": 24, "cols": 80})
			var s started
			json.Unmarshal(h.Expect(protocol.Started).Payload, &s)
			mu.Lock()
			defer mu.Unlock()
			sessions[s.Session] = true
			if s.Created {
				created++
			}
		}()
	}
	wg.Wait()
	if created != 1 || len(sessions) != 1 {
		t.Fatalf("%d created, sessions %v", created, sessions)
	}
}

func TestAnAttachmentThatDoesNotReadDoesNotStopTheShell(t *testing.T) {
	r := newRoom(t, "stty -echo; echo ready; read x; head -c 3000000 /dev/zero | tr '\\0' z; echo; echo over; exec cat")
	stuck, _ := r.attach(24, 80)
	stuck.Expect(protocol.Live)
	stuck.Until(1, "ready")
	h, _ := r.attach(24, 80)
	replayed(h)
	h.Input("\n")
	if out := h.Until(1, "over"); len(out) < 3000000 {
		t.Fatalf("%d bytes", len(out))
	}
	// The one that was stuck reads again: it gets old output, then a replay from the beginning, then LIVE.
	for f := stuck.Frame(); f.Type != protocol.Data || f.Stream != protocol.Replay; f = stuck.Frame() {
		if f.Type != protocol.Data && f.Type != protocol.Resize {
			t.Fatalf("a frame of type %x", f.Type)
		}
	}
	if _, text := replayed(stuck); !strings.Contains(text, "over") || len(text) > keep+100 {
		t.Fatalf("%d bytes of replay", len(text))
	}
	h.Input("live\n")
	stuck.Until(1, "live")
}

func TestAPasteLosesNothing(t *testing.T) {
	r := newRoom(t, "stty raw -echo; echo ready; head -c 100000 | cksum; exec cat")
	h, _ := r.attach(24, 80)
	h.Expect(protocol.Live)
	h.Until(1, "ready")
	h.Input(strings.Repeat("0123456789", 10_000))
	// cksum of 100,000 bytes of 0123456789 repeated, made with coreutils.
	h.Until(1, "100000")
}

func TestInputOfADetachedHostIsDelivered(t *testing.T) {
	r := newRoom(t, "stty -echo; echo ready; sleep 0.3; read x; echo got-$x; exec cat")
	h, _ := r.attach(24, 80)
	h.Expect(protocol.Live)
	h.Until(1, "ready")
	h.Input("this\n")
	h.Send(protocol.Close, 0, nil)
	h, _ = r.attach(24, 80)
	_, text := replayed(h)
	if !strings.Contains(text, "got-this") {
		h.Until(1, "got-this")
	}
}

func TestConsolesThatCannotBe(t *testing.T) {
	r := newRoom(t, cat)
	r.m.Entrypoint.Accessible = false
	r.open(24, 80).Fails("not_accessible")
	r.m.Entrypoint = Entrypoint{Argv: []string{"/no/such/shell"}, Accessible: true}
	r.open(24, 80).Fails("start_failed")
	r.open(-1, 80).Fails("bad_request")
}
