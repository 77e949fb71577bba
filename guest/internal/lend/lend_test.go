package lend

import (
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/forward"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/protocol"
)

func stream(h *channeltest.Host, t protocol.Type, id uint32, payload string) {
	h.T.Helper()
	h.Raw(protocol.AppendStreamFrame(nil, t, id, []byte(payload)))
}

// expect reads the next frame of a stream that is no grant.
func expect(t *testing.T, h *channeltest.Host, kind protocol.Type, id byte, payload string) {
	t.Helper()
	f := h.Frame()
	for f.Type == protocol.StreamWindow {
		f = h.Frame()
	}
	if f.Type != kind || f.Payload[3] != id || string(f.Payload[4:]) != payload {
		t.Fatalf("got 0x%02x %q", uint8(f.Type), f.Payload)
	}
}

func host(t *testing.T) (h *channeltest.Host, path string) {
	dir := filepath.Join(t.TempDir(), "run")
	l := &Lender{Dir: dir}
	link := channeltest.Serve(t, map[string]channel.Opener{"streams": forward.Opener(forward.Targets{
		Others: map[string]func(*mux.Stream, []byte){"agent": l.Serve},
	})})
	h = channeltest.Open(t, link, map[string]string{"op": "streams"})
	h.Expect(protocol.Started)
	return h, filepath.Join(dir, "agent-root.sock")
}

const forRoot = `{"to":"agent","user":"root"}`

func TestEachProgramGetsAStreamThatWaited(t *testing.T) {
	h, path := host(t)
	stream(h, protocol.StreamOpen, 1, forRoot)
	expect(t, h, protocol.StreamData, 1, "\x00")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v %v", info, err)
	}
	one, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	expect(t, h, protocol.StreamData, 1, "\x01")
	_, _ = one.Write([]byte("question"))
	expect(t, h, protocol.StreamData, 1, "question")
	stream(h, protocol.StreamData, 1, "answer")
	answer := make([]byte, 6)
	_ = one.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := one.Read(answer); err != nil || string(answer) != "answer" {
		t.Fatalf("%q %v", answer, err)
	}
	// A second one waits until a stream does.
	two, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer two.Close()
	stream(h, protocol.StreamOpen, 3, forRoot)
	expect(t, h, protocol.StreamData, 3, "\x00")
	expect(t, h, protocol.StreamData, 3, "\x01")
}

func TestTheSocketGoesWithTheLastStream(t *testing.T) {
	h, path := host(t)
	for _, id := range []uint32{1, 3} {
		stream(h, protocol.StreamOpen, id, forRoot)
		expect(t, h, protocol.StreamData, byte(id), "\x00")
	}
	stream(h, protocol.StreamReset, 1, "gone")
	h.Send(protocol.Ping, 0, nil)
	h.Expect(protocol.Pong)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	expect(t, h, protocol.StreamData, 3, "\x01")
	h.Conn.Close()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, err := os.Lstat(path); os.IsNotExist(err) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("it is still there")
		}
	}
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if n, err := conn.Read(make([]byte, 1)); n != 0 || err == nil || os.IsTimeout(err) {
		t.Errorf("the program was not told: %d %v", n, err)
	}
}

func TestASocketIsMadeForUsersAndNowhereElse(t *testing.T) {
	h, _ := host(t)
	for i, open := range []string{`{"to":"agent"}`, `{"to":"agent","user":"../x"}`} {
		stream(h, protocol.StreamOpen, uint32(2*i+1), open)
		expect(t, h, protocol.StreamReset, byte(2*i+1), "bad_request")
	}
	stream(h, protocol.StreamOpen, 5, `{"to":"agent","user":"nobody-of-that-name"}`)
	expect(t, h, protocol.StreamReset, 5, "unreachable")
}
