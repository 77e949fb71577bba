package supervise

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestRestartDecidesWhatAnEndMeans(t *testing.T) {
	for _, c := range []struct{ restart, command, state string }{
		{"no", "exit 0", Stopped}, {"no", "exit 3", Failed},
		{"on-failure", "exit 0", Stopped}, {"on-failure", "exit 3", Backoff},
		{"always", "exit 0", Backoff}, {"", "kill -9 $$", Backoff},
	} {
		t.Run(c.restart+" "+c.command, func(t *testing.T) {
			b := serve(t, `{"services":{"s":{"restart":"`+c.restart+`","command":`+script(c.command)+`}}}`)
			u := b.untilState("s", c.state)
			if u.PID != nil || u.Status == nil || u.Message == "" || (c.command == "kill -9 $$") != (u.Signal != nil) {
				t.Errorf("%+v", u)
			}
		})
	}
}

func TestAServiceThatDiesForEverIsStartedEverMoreSeldom(t *testing.T) {
	b := serve(t, `{"services":{"s":{"command":["false"]}}}`)
	u := b.until("s", "started again three times", func(u Unit) bool { return u.State == Backoff && u.Restarts == 3 })
	if !strings.Contains(u.Message, "it will be restarted in 800 ms") {
		t.Errorf("%+v", u)
	}
	if n := strings.Count(b.said(), "\n"); n != 1 {
		t.Errorf("the console heard of it %d times", n)
	}
}

func TestWhatIgnoresItsSignalIsKilledWhenItsTimeIsOver(t *testing.T) {
	b := serve(t, `{"services":{"s":{"command":`+script(`trap '' TERM; echo $$ >$DIR/pid; while :; do sleep 0.05; done`)+`,"stopTimeout":1}}}`)
	pid := b.pid("pid")
	begun := time.Now()
	<-b.StopService("s")
	if took := time.Since(begun); took < time.Second || took > 10*time.Second || lives(pid) {
		t.Fatalf("after %s, alive: %t", took, lives(pid))
	}
	if u, _ := b.Unit("s"); u.State != Stopped || *u.Signal != "KILL" || !strings.Contains(u.Message, "did not end within 1 s") {
		t.Errorf("%+v", u)
	}
}

func TestTheSignalIsTheOneDeclared(t *testing.T) {
	b := serve(t, `{"services":{"s":{"command":`+script(`trap 'echo int >$DIR/got; exit' INT; echo $$ >$DIR/pid; while :; do sleep 0.05; done`)+`,"stopSignal":"INT"}}}`)
	b.pid("pid")
	<-b.StopService("s")
	if got := b.file("got"); got != "int\n" {
		t.Fatalf("%q", got)
	}
}

func TestServicesStopInTheReverseOrderOfTheirStart(t *testing.T) {
	note := func(name string) string {
		return script(`trap 'sleep 0.2; echo ` + name + ` >>$DIR/stopped; exit' TERM; touch $DIR/` + name + `; while :; do sleep 0.02; done`)
	}
	b := serve(t, `{"entrypoint":{"kind":"command","argv":`+note("program")+`},"services":{
		"db":{"command":`+note("db")+`,"ready":{"file":"$DIR/db"}},
		"app":{"command":`+note("app")+`,"after":["db"],"ready":{"file":"$DIR/app"}},
		"web":{"command":`+note("web")+`,"after":["app"],"ready":{"file":"$DIR/web"}}}}`)
	b.untilState(EntrypointName, Ready)
	for end := time.Now().Add(patience); !exists(b.dir + "/program"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the program does not run")
		}
	}
	b.Stop()
	if got := b.file("stopped"); got != "program\nweb\napp\ndb\n" {
		t.Fatalf("%q", got)
	}
	b.StartService("db")
	if u, _ := b.Unit("db"); u.State != Stopped {
		t.Errorf("it started while the machine goes down: %+v", u)
	}
}

func exists(path string) bool { return !missing(path) }

func TestAServiceStopsWhateverItIsDoing(t *testing.T) {
	for name, service := range map[string]string{
		"waiting": `"command":["true"],"after":["other"]`, "preStart": `"command":["true"],"preStart":["sleep","100"]`,
		"ready check": `"command":["sleep","100"],"ready":{"command":["sleep","100"]}`, "backoff": `"command":["false"]`,
	} {
		t.Run(name, func(t *testing.T) {
			b := serve(t, `{"services":{"s":{`+service+`},"other":{"command":["sleep","100"],"ready":{"file":"/no/such"}}}}`)
			time.Sleep(100 * time.Millisecond) // any moment will do
			begun := time.Now()
			<-b.StopService("s")
			if u, _ := b.Unit("s"); u.State != Stopped || time.Since(begun) > 5*time.Second {
				t.Fatalf("%+v", u)
			}
		})
	}
}

func TestNothingOfAProcessGroupIsLeftBehind(t *testing.T) {
	b := serve(t, `{"services":{"s":{"restart":"no","command":`+script(`sleep 100 & echo $! >$DIR/pid; exit 0`)+`}}}`)
	pid := b.pid("pid")
	u := b.untilState("s", Stopped)
	if !strings.Contains(u.Message, "left processes behind") {
		t.Errorf("%+v", u)
	}
	gone(t, pid)
}

func TestWhatForksAwayIsEndedWithItsService(t *testing.T) {
	b := serveWith(t, `{"services":{"s":{"restart":"no","command":`+script(
		`(setsid sh -c 'echo $$ >$DIR/pid; exec sleep 100' &) ; while ! test -s $DIR/pid; do sleep 0.01; done`)+`}}}`, withGroups(t))
	pid := b.pid("pid")
	u := b.untilState("s", Stopped)
	if !strings.Contains(u.Message, "left 1 of its processes behind") {
		t.Errorf("%+v", u)
	}
	gone(t, pid)
}

func TestWhatAServiceStartedHasTheRestOfItsTimeWhenItStops(t *testing.T) {
	child := `trap 'sleep 0.3; echo clean >$DIR/end; exit' TERM; echo $$ >$DIR/pid; while :; do sleep 0.02; done`
	b := serveWith(t, `{"services":{"s":{"command":`+script(`sh -c "`+strings.ReplaceAll(child, "$$", `\$\$`)+`"; true`)+`}}}`, withGroups(t))
	pid := b.pid("pid")
	<-b.StopService("s")
	if b.file("end") != "clean\n" {
		t.Fatal("it was killed at once")
	}
	gone(t, pid)
}

func TestTheLogHasTheLastWordsBeforeTheEndIsTold(t *testing.T) {
	for range 20 {
		b := serve(t, `{"services":{"s":{"restart":"no","command":`+script(`echo last words >&2; exit 1`)+`}}}`)
		b.untilState("s", Failed)
		if got := b.text("s"); got != "last words" {
			t.Fatalf("%q", got)
		}
	}
}

func TestTheEntrypointsServicesEndItWithTheFirstBadStatus(t *testing.T) {
	b := serve(t, `{"entrypoint":{"kind":"services","services":["a","b","c"]},"services":{
		"a":{"restart":"no","command":["true"]},"b":{"restart":"no","command":`+script(`sleep 0.2; exit 4`)+`},
		"c":{"restart":"on-failure","command":`+script(`while ! test -e $DIR/go; do sleep 0.01; done`)+`},
		"other":{"command":["sleep","100"]}}}`)
	b.untilState("b", Failed)
	if _, _, ok := b.Ended(); ok {
		t.Fatal("one of the services still runs")
	}
	touch(t, b.dir+"/go")
	b.untilState("c", Stopped)
	b.until("c", "over", func(Unit) bool { _, _, ok := b.Ended(); return ok })
	if s, _, _ := b.Ended(); s.Code != 4 {
		t.Fatalf("%+v", s)
	}
}

func TestAServiceThatAHostStoppedEndsNoEntrypoint(t *testing.T) {
	b := serve(t, `{"entrypoint":{"kind":"services","services":["a"]},"services":{"a":{"command":["sleep","100"]}}}`)
	b.untilState("a", Ready)
	<-b.StopService("a")
	if _, _, ok := b.Ended(); ok {
		t.Fatal("it ended")
	}
	b.StartService("a")
	b.untilState("a", Ready)
}

func TestTheProgramWaitsForServicesThatMayBecomeReadyAndForNoOthers(t *testing.T) {
	b := serve(t, `{"entrypoint":{"kind":"command","argv":["true"]},"services":{
		"good":{"command":`+script(`sleep 0.2; touch $DIR/up; exec sleep 100`)+`,"ready":{"file":"$DIR/up"}},
		"bad":{"restart":"no","command":["false"]},"behind":{"command":["true"],"after":["bad"]},
		"late":{"command":["sleep","100"],"ready":{"file":"/no/such","timeout":1}}}}`)
	b.until(EntrypointName, "waiting for late alone", func(u Unit) bool { return u.Message == "waits for late" })
	u := b.untilState(EntrypointName, Stopped)
	if *u.Status != 0 {
		t.Fatalf("%+v", u)
	}
	b.until(EntrypointName, "over", func(Unit) bool { _, _, ok := b.Ended(); return ok })
}

func TestASignalForTheEntrypointReachesItsProcessGroup(t *testing.T) {
	b := serve(t, `{"entrypoint":{"kind":"command","argv":`+script(`echo $$ >$DIR/pid; sleep 100; exit 0`)+`}}`)
	b.pid("pid")
	b.Signal(syscall.SIGINT)
	if u := b.untilState(EntrypointName, Failed); *u.Signal != "INT" {
		t.Fatalf("%+v", u)
	}
}
