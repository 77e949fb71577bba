package listeners

import (
	"net"
	"slices"
	"testing"
	"time"

	"mvm/guest/internal/protocol"
)

// host is at a machine and hears its notices.
type host struct {
	notices chan notice
	ended   chan struct{}
}

func (h *host) SendObject(_ protocol.Type, v any) error {
	h.notices <- v.(notice)
	return nil
}

func (h *host) Ended() <-chan struct{} { return h.ended }

func newHost(t *testing.T) *host {
	h := &host{make(chan notice, 8), make(chan struct{})}
	t.Cleanup(func() { close(h.ended) })
	return h
}

func (h *host) next(t *testing.T) notice {
	t.Helper()
	select {
	case n := <-h.notices:
		return n
	case <-time.After(10 * time.Second):
		t.Fatal("no notice")
	}
	return notice{}
}

// until is the first notice that has the port, or has it no more.
func (h *host) until(t *testing.T, port int, there bool) {
	t.Helper()
	for slices.Contains(h.next(t).Listeners, port) != there {
	}
}

func listen(t *testing.T) (net.Listener, int) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l, l.Addr().(*net.TCPAddr).Port
}

func TestAHostHearsOfWhatListensAsItComesAndGoes(t *testing.T) {
	h := newHost(t)
	Watch(h)
	l, port := listen(t)
	h.until(t, port, true)
	l.Close()
	h.until(t, port, false)
}

func TestAHostHearsAgainWhenNobodyFollowsThePortsAnyMore(t *testing.T) {
	h := newHost(t)
	follow()
	_, port := listen(t)
	Watch(h)
	h.until(t, port, true)
	unfollow()
	h.until(t, port, true)
}

func TestTheEndOfAProgramIsTheTimeToTellWhereNobodyFollows(t *testing.T) {
	h := newHost(t)
	leave := Watch(h)
	_, port := listen(t)
	leave(false)
	h.until(t, port, true)
	follow()
	defer unfollow()
	leave(true)
	for !h.next(t).Left {
	}
	leave(false)
	select {
	case n := <-h.notices:
		t.Fatal("told although the ports are followed: ", n)
	default:
	}
}
