package reverse_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/forward"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/reverse"
)

func host(t *testing.T) *channeltest.Host {
	t.Helper()
	targets := forward.Targets{Reverse: &reverse.Ports{}}
	l := channeltest.Serve(t, map[string]channel.Opener{"streams": forward.Opener(targets)})
	h := channeltest.Open(t, l, map[string]string{"op": "streams"})
	h.Expect(protocol.Started)
	return h
}

func send(h *channeltest.Host, t protocol.Type, id uint32, payload string) {
	h.T.Helper()
	h.Raw(protocol.AppendStreamFrame(nil, t, id, []byte(payload)))
}

// next is the next frame of the stream that is no WINDOW.
func next(h *channeltest.Host) (protocol.Type, uint32, string) {
	h.T.Helper()
	for {
		if f := h.Frame(); f.Type != protocol.StreamWindow {
			id, p := protocol.StreamID(f)
			return f.Type, id, string(p)
		}
	}
}

type line struct {
	Listening  bool
	Error      string
	Holder     string
	Connection uint64
}

func nextLine(h *channeltest.Host) (l line) {
	h.T.Helper()
	typ, _, text := next(h)
	if typ != protocol.StreamData || json.Unmarshal([]byte(text), &l) != nil {
		h.T.Fatalf("0x%02x %q is no line", typ, text)
	}
	return l
}

// free is a port that nobody has.
func free(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func listening(t *testing.T, h *channeltest.Host) int {
	t.Helper()
	port := free(t)
	send(h, protocol.StreamOpen, 1, fmt.Sprintf(`{"to":"listen","port":%d}`, port))
	if l := nextLine(h); !l.Listening {
		t.Fatal(l)
	}
	return port
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

func TestAConnectionToAPortOfTheHostIsPickedUpWithAStream(t *testing.T) {
	h := host(t)
	port := listening(t, h)
	for i, address := range []string{"127.0.0.1", "[::1]"} {
		c := dial(t, fmt.Sprintf("%s:%d", address, port))
		fmt.Fprintln(c, "question")
		id := uint32(3 + 2*i)
		send(h, protocol.StreamOpen, id, fmt.Sprintf(`{"to":"connection","connection":%d}`, nextLine(h).Connection))
		if _, got, text := next(h); got != id || text != "question\n" {
			t.Fatal(got, text)
		}
		send(h, protocol.StreamData, id, "answer\n")
		if text, _ := bufio.NewReader(c).ReadString('\n'); text != "answer\n" {
			t.Fatal(text)
		}
		send(h, protocol.StreamReset, id, "gone")
		if _, err := c.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Fatal("a reset of the host arrives as ", err)
		}
	}
}

func TestAPortThatIsInUseIsToldWithWhoHasIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	h := host(t)
	send(h, protocol.StreamOpen, 1, fmt.Sprintf(`{"to":"listen","port":%d}`, l.Addr().(*net.TCPAddr).Port))
	if got := nextLine(h); got.Error != "in_use" || !strings.HasSuffix(got.Holder, fmt.Sprintf("(%d)", os.Getpid())) {
		t.Fatal(got)
	}
	if typ, _, _ := next(h); typ != protocol.StreamEnd {
		t.Fatal(typ)
	}
}

func TestThePortIsFreeWhenTheHostEndsTheStreamOrGoes(t *testing.T) {
	for _, end := range []func(h *channeltest.Host){
		func(h *channeltest.Host) { send(h, protocol.StreamReset, 1, "gone") },
		func(h *channeltest.Host) { h.Conn.Close() },
	} {
		h := host(t)
		port := listening(t, h)
		end(h)
		for begun := time.Now(); ; {
			c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				break
			}
			c.Close()
			if time.Since(begun) > 10*time.Second {
				t.Fatal("it still listens")
			}
		}
	}
}

func TestAProgramThatConnectsWithoutEndFillsABoundedQueue(t *testing.T) {
	h := host(t)
	port := listening(t, h)
	for range 100 {
		dial(t, fmt.Sprintf("127.0.0.1:%d", port))
	}
	for range 64 {
		nextLine(h)
	}
	h.Conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	if n, err := h.Conn.Read(make([]byte, 1)); err == nil {
		t.Fatal("told of more than may wait: ", n)
	}
}

func TestAConnectionThatIsNotThereIsGone(t *testing.T) {
	h := host(t)
	send(h, protocol.StreamOpen, 1, `{"to":"connection","connection":7}`)
	if typ, _, text := next(h); typ != protocol.StreamReset || text != "gone" {
		t.Fatal(typ, text)
	}
}
