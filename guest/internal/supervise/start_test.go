package supervise

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestServicesStartInOrderEachWhenTheOneBeforeIsReady(t *testing.T) {
	b := serve(t, `{"services":{
		"first":{"command":`+script(`sleep 0.3; echo first >>$DIR/order; touch $DIR/up; exec sleep 100`)+`,"ready":{"file":"$DIR/up"}},
		"second":{"command":`+script(`echo second >>$DIR/order; exec sleep 100`)+`,"after":["first"],
			"ready":{"command":`+script(`test -s $DIR/order`)+`}},
		"third":{"command":`+script(`echo third >>$DIR/order; touch $DIR/end; exec sleep 100`)+`,"after":["second"],"ready":{"file":"$DIR/end"}}}}`)
	if u := b.until("third", "waiting", func(u Unit) bool { return u.Message != "" }); u.Message != "waits for second" {
		t.Fatalf("%+v", u)
	}
	b.untilState("third", Ready)
	if got := b.file("order"); got != "first\nsecond\nthird\n" {
		t.Fatalf("%q", got)
	}
}

func TestACircleFailsWithItsNamesAndTheOthersRun(t *testing.T) {
	b := serve(t, `{"services":{"a":{"command":["true"],"after":["b"]},"b":{"command":["true"],"after":["a"]},
		"c":{"command":["sleep","100"]},"lost":{"command":["true"],"after":["nosuch"]},"behind":{"command":["true"],"after":["a"]},
		"empty":{"command":[]}}}`)
	b.untilState("c", Ready)
	for name, message := range map[string]string{"a": "a → b → a", "b": "a → b → a", "lost": "nosuch", "empty": "command"} {
		if u := b.untilState(name, Failed); !strings.Contains(u.Message, message) || *u.Status == 0 {
			t.Errorf("%+v", u)
		}
	}
	if u := b.until("behind", "waiting", func(u Unit) bool { return u.Message != "" }); u.Message != "waits for a (failed)" {
		t.Errorf("%+v", u)
	}
}

func TestOneThatHasDoneItsWorkHoldsNobodyUp(t *testing.T) {
	b := serve(t, `{"services":{
		"migrate":{"command":["true"],"restart":"on-failure"},
		"slow":{"command":`+script(`sleep 0.2`)+`,"restart":"no","ready":{"file":"$DIR/never"}},
		"web":{"command":["sleep","100"],"after":["migrate","slow"]},
		"bad":{"command":["false"],"restart":"no","ready":{"file":"$DIR/never"}},
		"behind":{"command":["sleep","100"],"after":["bad"]}}}`)
	b.untilState("web", Ready)
	b.untilState("slow", Stopped)
	b.untilState("bad", Failed)
	if u := b.until("behind", "waiting", func(u Unit) bool { return u.Message != "" }); u.Message != "waits for bad (failed)" {
		t.Errorf("%+v", u)
	}
}

func TestAServiceIsPreparedBeforeItStarts(t *testing.T) {
	b := serve(t, `{"env":{"FROM":"image","BOTH":"image"},"services":{"s":{
		"directories":[{"path":"$DIR/state/s","mode":"0710"}],
		"init":{"command":`+script(`echo init >>$DIR/calls; touch $DIR/state/s/made`)+`,"creates":"$DIR/state/s/made"},
		"preStart":`+script(`echo pre >>$DIR/calls`)+`,"env":{"BOTH":"service"},"workingDirectory":"$DIR/state",
		"command":`+script(`echo "$FROM $BOTH $(pwd)" >>$DIR/calls; echo $$ >$DIR/pid; exec sleep 100`)+`}}}`)
	first := b.pid("pid")
	os.Remove(filepath.Join(b.dir, "pid"))
	begun := time.Now()
	reaper.Signal(first, 9)
	if second := b.pid("pid"); second == first {
		t.Fatal("it did not start again")
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("back after %s", took)
	}
	line := "image service " + b.dir + "/state\n"
	if got := b.file("calls"); got != "init\npre\n"+line+"pre\n"+line {
		t.Fatalf("%q", got)
	}
	if s, err := os.Stat(b.dir + "/state/s"); err != nil || s.Mode().Perm() != 0o710 {
		t.Fatal(s, err)
	}
}

func TestWhatCannotStartSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		service, message string
		status           int
	}{
		"a missing program":      {`"command":["/no/such/program"]`, "/no/such/program: no such file", 127},
		"a file that is no such": {`"command":["/etc/passwd"]`, "not executable", 126},
		"an unknown user":        {`"command":["true"],"user":"nobody-of-that-name"`, "nobody-of-that-name", 126},
		"a missing directory":    {`"command":["true"],"workingDirectory":"/no/such"`, "/no/such", 126},
		"a failing preStart":     {`"command":["true"],"preStart":["false"]`, "preStart ended with status 1", 1},
		"a failing init":         {`"command":["true"],"init":{"command":["false"],"creates":"/no/such"}`, "init ended with status 1", 1},
		"an init for nothing":    {`"command":["true"],"init":{"command":["true"],"creates":"/no/such"}`, "left no /no/such", 1},
		"an impossible folder":   {`"command":["true"],"directories":[{"path":"/etc/passwd/x"}]`, "/etc/passwd/x", 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := serve(t, `{"services":{"s":{"restart":"no",`+c.service+`}}}`)
			if u := b.untilState("s", Failed); !strings.Contains(u.Message, c.message) || *u.Status != c.status {
				t.Errorf("%+v", u)
			}
		})
	}
}

func TestReadinessThatDoesNotComeIsToldAndAskedForOn(t *testing.T) {
	b := serve(t, `{"services":{
		"s":{"command":["sleep","100"],"ready":{"command":`+script(`echo not yet; test -e $DIR/go`)+`,"timeout":1}},
		"hangs":{"command":["sleep","100"],"ready":{"command":["sleep","100"],"timeout":1}},
		"closed":{"command":["sleep","100"],"ready":{"port":1,"timeout":1}}}}`)
	late := func(u Unit) bool { return u.State == Running && u.Message != "" }
	for name, why := range map[string]string{"s": "not yet", "hangs": "did not end in time", "closed": "nothing answers on port 1"} {
		if u := b.until(name, "late", late); !strings.Contains(u.Message, "is not ready after 1 s") || !strings.Contains(u.Message, why) {
			t.Errorf("%+v", u)
		}
	}
	touch(t, b.dir+"/go")
	if u := b.untilState("s", Ready); u.Message != "" {
		t.Errorf("%+v", u)
	}
}

func TestFiftyServicesRun(t *testing.T) {
	var list []string
	for i := range 50 {
		list = append(list, fmt.Sprintf(`"s%d":{"command":["sleep","100"],"after":["s%d"]}`, i+1, i))
	}
	b := serve(t, `{"services":{"s0":{"command":["sleep","100"]},`+strings.Join(list[:49], ",")+`}}`)
	b.untilState("s49", Ready)
	if n := len(b.State().Services); n != 50 {
		t.Fatal(n)
	}
}

func TestAUserWhoIsNotRootGainsNoPrivileges(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	show := script(`grep NoNewPrivs /proc/self/status; id -u; exec sleep 100`)
	b := serve(t, `{"services":{"user":{"command":`+show+`,"user":"nobody"},"root":{"command":`+show+`}}}`)
	for name, want := range map[string]string{"user": "NoNewPrivs:\t1|65534", "root": "NoNewPrivs:\t0|0"} {
		b.untilState(name, Ready)
		want = strings.ReplaceAll(want, "|", "\n")
		for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			if got := b.text(name); got == want {
				break
			} else if time.Now().After(end) {
				t.Fatalf("%s: %q", name, got)
			}
		}
	}
}

// text is a log without times and names.
func (b *bed) text(name string) string {
	var out []string
	for line := range strings.Lines(b.Logs.Tail(name, 100)) {
		out = append(out, strings.TrimSuffix(strings.SplitN(line, " ", 4)[3], "\n"))
	}
	return strings.Join(out, "\n")
}
