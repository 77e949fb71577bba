package control

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/config"
	"mvm/guest/internal/inotify"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/supervise"
)

var reaper = process.NewReaper()

func serve(t *testing.T, services string) *channeltest.Link {
	t.Helper()
	v := &config.Image{}
	if err := json.Unmarshal([]byte(`{"services":`+services+`}`), v); err != nil {
		t.Fatal(err)
	}
	events, err := inotify.New()
	if err != nil {
		t.Fatal(err)
	}
	book := &logs.Book{}
	s := supervise.New(supervise.Options{Image: v, Reaper: reaper, Logs: book, Events: events, Say: t.Logf})
	s.Start()
	t.Cleanup(func() { s.Stop(); events.Close() })
	return channeltest.Serve(t, map[string]channel.Opener{"service": Opener(s, book), "services": s.Opener()})
}

func ask(t *testing.T, l *channeltest.Link, name, action string) protocol.Frame {
	t.Helper()
	h := channeltest.Open(t, l, map[string]string{"op": "service", "name": name, "action": action})
	defer h.Conn.Close()
	h.Expect(protocol.Started)
	return h.Frame()
}

func TestAServiceIsStoppedAndStartedAndStartedAnew(t *testing.T) {
	l := serve(t, `{"s":{"command":["sleep","100"]}}`)
	pid := 0
	for _, c := range []struct{ action, state string }{{"start", "ready"}, {"restart", "ready"}, {"stop", "stopped"}, {"stop", "stopped"}, {"start", "ready"}} {
		f := ask(t, l, "s", c.action)
		var u struct {
			State string
			PID   int
		}
		if json.Unmarshal(f.Payload, &u); f.Type != protocol.Result || u.State != c.state || (u.PID == 0) != (c.action == "stop") {
			t.Fatalf("%s: %s", c.action, f.Payload)
		}
		if c.action == "restart" && u.PID == pid {
			t.Error("it is the same process")
		}
		pid = u.PID
	}
}

func TestAServiceThatDoesNotStartSaysWhyWithItsLog(t *testing.T) {
	l := serve(t, `{"s":{"restart":"no","command":["sleep","100"],"preStart":["sh","-c","echo the reason; exit 9"]}}`)
	f := ask(t, l, "s", "restart")
	var m protocol.Failure
	json.Unmarshal(f.Payload, &m)
	if m.Code != "failed" || !strings.Contains(m.Message, "preStart ended with status 9") || !strings.Contains(m.Message, "s out the reason\n") {
		t.Fatalf("%+v", m)
	}
}

func TestAServiceThatDiesAtOnceHasNotStarted(t *testing.T) {
	for _, restart := range []string{"no", "always"} {
		l := serve(t, `{"s":{"restart":"`+restart+`","command":["sh","-c","echo the reason; exit 9"]}}`)
		f := ask(t, l, "s", "restart")
		var m protocol.Failure
		json.Unmarshal(f.Payload, &m)
		if m.Code != "failed" || !strings.Contains(m.Message, "ended with status 9") || !strings.Contains(m.Message, "s out the reason\n") {
			t.Fatalf("%s: %s", restart, f.Payload)
		}
	}
}

func TestStartingAServiceThatIsInItsPauseStartsItNow(t *testing.T) {
	flag := t.TempDir() + "/ok"
	l := serve(t, `{"s":{"command":["sh","-c","test -e `+flag+` && exec sleep 100; exit 9"]}}`)
	for range 8 { // the pause is now longer than anybody waits
		ask(t, l, "s", "start")
	}
	if err := os.WriteFile(flag, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if f := ask(t, l, "s", "start"); f.Type != protocol.Result {
		t.Fatalf("%s", f.Payload)
	}
}

func TestAServiceThatDoesItsWorkOnceHasStarted(t *testing.T) {
	l := serve(t, `{"s":{"restart":"no","command":["true"]}}`)
	if f := ask(t, l, "s", "restart"); f.Type != protocol.Result || !strings.Contains(string(f.Payload), `"state":"stopped"`) {
		t.Fatalf("%s", f.Payload)
	}
}

func TestSenselessRequestsAreRefused(t *testing.T) {
	l := serve(t, `{"s":{"command":["sleep","100"]}}`)
	for code, q := range map[string][2]string{"no_such_service": {"nope", "stop"}, "bad_request": {"s", "explode"}} {
		h := channeltest.Open(t, l, map[string]string{"op": "service", "name": q[0], "action": q[1]})
		h.Fails(code)
		h.Conn.Close()
	}
}

func TestTheStateIsFollowed(t *testing.T) {
	l := serve(t, `{"s":{"command":["sleep","100"]}}`)
	h := channeltest.Open(t, l, map[string]any{"op": "services", "follow": true})
	h.Expect(protocol.Started)
	for {
		var state supervise.State
		f := h.Expect(protocol.Event)
		if err := json.Unmarshal(f.Payload, &state); err != nil || len(state.Services) != 1 {
			t.Fatalf("%s %v", f.Payload, err)
		}
		if state.Services[0].State == supervise.Ready {
			return
		}
	}
}
