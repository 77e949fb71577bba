package boot

import (
	"encoding/json"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/protocol"
)

var open = map[string]string{"op": "boot"}

func event(h *channeltest.Host) (e Event) {
	h.T.Helper()
	json.Unmarshal(h.Expect(protocol.Event).Payload, &e)
	return e
}

func TestAHostHearsWhatWasAndWhatComes(t *testing.T) {
	j := NewJournal()
	j.Stage("modules")
	l := channeltest.Serve(t, map[string]channel.Opener{"boot": j.Opener()})
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	if e := event(h); e.Stage != "modules" || e.UptimeMs <= 0 {
		t.Fatalf("%+v", e)
	}
	j.Ready()
	if e := event(h); e.Event != "ready" {
		t.Fatalf("%+v", e)
	}
	h.Conn.Close()
	h = channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	event(h)
	if e := event(h); e.Event != "ready" {
		t.Fatalf("%+v", e)
	}
}

func TestAFailureIsReleasedOnceItsReaderLeaves(t *testing.T) {
	j := NewJournal()
	l := channeltest.Serve(t, map[string]channel.Opener{"boot": j.Opener()})
	h := channeltest.Open(t, l, open)
	h.Expect(protocol.Started)
	j.Failed("disk", "the disk is broken")
	if e := event(h); e.Event != "failed" || e.Stage != "disk" || e.Message != "the disk is broken" {
		t.Fatalf("%+v", e)
	}
	select {
	case <-j.Release:
		t.Fatal("released while the host is there")
	default:
	}
	h.Conn.Close()
	select {
	case <-j.Release:
	case <-time.After(10 * time.Second):
		t.Fatal("not released")
	}
}
