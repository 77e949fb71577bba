package entrypoint

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

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

// serve runs an image and serves `entrypoint`. said gets what the console would show when it has ended.
func serve(t *testing.T, image string) (l *channeltest.Link, s *supervise.Supervisor, said chan string) {
	t.Helper()
	p, err := New(parse(t, image).Entrypoint.Kind)
	if err != nil {
		t.Fatal(err)
	}
	return serveProgram(t, p, image)
}

func parse(t *testing.T, image string) *config.Image {
	t.Helper()
	v := &config.Image{}
	if err := json.Unmarshal([]byte(image), v); err != nil {
		t.Fatal(err)
	}
	return v
}

func serveProgram(t *testing.T, p *Program, image string) (l *channeltest.Link, s *supervise.Supervisor, said chan string) {
	t.Helper()
	v := parse(t, image)
	events, err := inotify.New()
	if err != nil {
		t.Fatal(err)
	}
	book := &logs.Book{}
	s = supervise.New(supervise.Options{Image: v, Reaper: reaper, Logs: book, Events: events, Output: p.Output(), Say: t.Logf})
	said = make(chan string, 1)
	last := ""
	p.Watch(s, book, func(f string, a ...any) { last = fmt.Sprintf(f, a...) }, func() { said <- last })
	s.Start()
	t.Cleanup(func() { s.Stop(); events.Close() })
	return channeltest.Serve(t, map[string]channel.Opener{"entrypoint": p.Opener()}), s, said
}

func open(t *testing.T, l *channeltest.Link) *channeltest.Host {
	t.Helper()
	h := channeltest.Open(t, l, map[string]string{"op": "entrypoint"})
	h.Expect(protocol.Started)
	return h
}

func program(script string) string {
	argv, _ := json.Marshal([]string{"/bin/sh", "-c", script})
	return `{"entrypoint":{"kind":"command","argv":` + string(argv) + `}}`
}

func TestAHostGetsTheOutputFromTheStartAndTheEnd(t *testing.T) {
	l, _, said := serve(t, program(`printf prompt; echo err >&2; sleep 0.2; echo live; exit 7`))
	out, err, exit := open(t, l).End()
	if out != "promptlive\n" || err != "err\n" || exit.Status != 7 {
		t.Fatalf("%q %q %+v", out, err, exit)
	}
	if text := <-said; !strings.HasPrefix(text, "entrypoint ended with status 7: ") || !strings.Contains(text, "out promptlive") {
		t.Fatalf("%q", text)
	}
}

func TestAProgramThatDoesNotExistEndsWith127AndItsName(t *testing.T) {
	l, _, said := serve(t, `{"entrypoint":{"kind":"command","argv":["/usr/local/bin/serve"]}}`)
	_, err, exit := open(t, l).End()
	if exit.Status != 127 || !strings.Contains(err, "/usr/local/bin/serve") {
		t.Fatalf("%q %+v", err, exit)
	}
	if text := <-said; !strings.Contains(text, "status 127") || !strings.Contains(text, "/usr/local/bin/serve") {
		t.Fatalf("%q", text)
	}
}

func TestServicesWriteLinesWithTheirNames(t *testing.T) {
	l, _, _ := serve(t, `{"entrypoint":{"kind":"services","services":["a"]},"services":{
		"a":{"restart":"no","command":["sh","-c","echo one; echo two; sleep 0.2; exit 5"]},"other":{"command":["sh","-c","echo no; sleep 100"]}}}`)
	out, _, exit := open(t, l).End()
	if out != "a | one\na | two\n" || exit.Status != 5 {
		t.Fatalf("%q %+v", out, exit)
	}
}

func TestASignalReachesTheProgram(t *testing.T) {
	l, _, _ := serve(t, program(`trap 'echo got it; exit 3' INT; echo up; while :; do sleep 0.02; done`))
	h := open(t, l)
	h.Until(1, "up\n")
	h.Object(protocol.Signal, map[string]string{"signal": "INT"})
	if out, _, exit := h.End(); out != "got it\n" || exit.Status != 3 {
		t.Fatalf("%q %+v", out, exit)
	}
}

func TestAShutdownTellsTheAttachedHowTheProgramEnded(t *testing.T) {
	l, s, _ := serve(t, program(`echo up; exec sleep 100`))
	h := open(t, l)
	h.Until(1, "up\n")
	s.Stop()
	if _, _, exit := h.End(); exit.Status != 143 || exit.Signal != "TERM" {
		t.Fatalf("%+v", exit)
	}
}

func TestAnAttachedHostGetsAllOfAFlood(t *testing.T) {
	const bytes = 20 << 20
	l, _, _ := serve(t, program(fmt.Sprintf(`sleep 0.3; head -c %d /dev/zero; printf end`, bytes)))
	out, err, _ := open(t, l).End()
	if len(out) != bytes+3 || !strings.HasSuffix(out, "end") || err != "" {
		t.Fatalf("%d bytes, %q", len(out), err)
	}
}

func TestAHostThatDoesNotReadHoldsTheProgramUpForMomentsOnly(t *testing.T) {
	l, _, said := serve(t, program(`sleep 0.3; head -c 20000000 /dev/zero`))
	open(t, l)
	select {
	case <-said:
	case <-time.After(patience + 15*time.Second):
		t.Fatal("the program hangs")
	}
}

func TestAShellHasAConsoleInstead(t *testing.T) {
	l, _, _ := serve(t, `{"entrypoint":{"kind":"shell","argv":["sh"]}}`)
	channeltest.Open(t, l, map[string]string{"op": "entrypoint"}).Fails("bad_request")
}

func TestTheEndOfAnAttendedRunWaitsForItsHost(t *testing.T) {
	p, err := New(config.KindCommand)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	p.AwaitHost(20 * time.Millisecond)
	if time.Since(began) < 20*time.Millisecond {
		t.Fatal("it did not wait")
	}
	l, _, _ := serveProgram(t, p, program(`true`))
	open(t, l).End()
	p.AwaitHost(time.Hour)
}
