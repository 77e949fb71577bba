package exec

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/process"
	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

var reaper = process.NewReaper()

type object = map[string]any

func serve(t *testing.T) *channeltest.Link {
	return channeltest.Serve(t, map[string]channel.Opener{"exec": Opener(reaper, map[string]string{"FROM": "image", "BOTH": "image"})})
}

func open(t *testing.T, fields object) *channeltest.Host {
	t.Helper()
	fields["op"] = "exec"
	return channeltest.Open(t, serve(t), fields)
}

func shell(t *testing.T, script string, fields object) *channeltest.Host {
	t.Helper()
	if fields == nil {
		fields = object{}
	}
	fields["argv"] = []string{"sh", "-c", script}
	return open(t, fields)
}

func started(h *channeltest.Host) int {
	h.T.Helper()
	var m struct{ PID int }
	json.Unmarshal(h.Expect(protocol.Started).Payload, &m)
	return m.PID
}

func TestOutputErrorsAndStatusComeSeparately(t *testing.T) {
	out, err, exit := shell(t, "echo out; echo err >&2; exit 7", nil).End()
	if out != "out\n" || err != "err\n" || exit.Status != 7 || exit.Signal != "" {
		t.Fatalf("%q %q %+v", out, err, exit)
	}
}

func TestASignalThatEndsTheProcessIsNamed(t *testing.T) {
	if _, _, exit := shell(t, "kill -9 $$", nil).End(); exit.Status != 137 || exit.Signal != "KILL" {
		t.Fatalf("%+v", exit)
	}
}

func TestASignalFrameReachesTheWholeGroup(t *testing.T) {
	h := shell(t, "sh -c 'echo up; sleep 100'; echo not reached", nil)
	h.Until(1, "up\n")
	h.Object(protocol.Signal, object{"signal": "TERM"})
	if out, _, exit := h.End(); exit.Status != 143 || exit.Signal != "TERM" || out != "" {
		t.Fatalf("%q %+v", out, exit)
	}
}

func TestProgramsThatCannotBeStartedAreToldApart(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	garbage := filepath.Join(dir, "garbage")
	orphan := filepath.Join(dir, "orphan")
	os.WriteFile(plain, []byte("#!/bin/sh\n"), 0o644)
	os.WriteFile(garbage, []byte("\x00garbage"), 0o755)
	os.WriteFile(orphan, []byte("#!/no/such/interpreter\n"), 0o755)
	for _, c := range []struct {
		code   string
		fields object
	}{
		{"not_found", object{"argv": []string{"no-such-program"}}},
		{"not_found", object{"argv": []string{"/no/such/program"}}},
		{"not_found", object{"argv": []string{"ls"}, "env": object{"PATH": dir}}},
		{"not_found", object{"argv": []string{orphan}}},
		{"not_executable", object{"argv": []string{plain}}},
		{"not_executable", object{"argv": []string{"plain"}, "env": object{"PATH": dir}}},
		{"not_executable", object{"argv": []string{dir}}},
		{"not_executable", object{"argv": []string{garbage}}},
		{"no_such_user", object{"argv": []string{"true"}, "user": "nobody-of-that-name"}},
		{"no_such_user", object{"argv": []string{"true"}, "user": "root:no-such-group"}},
		{"bad_directory", object{"argv": []string{"true"}, "cwd": "/no/such/directory"}},
		{"bad_directory", object{"argv": []string{"true"}, "cwd": "/etc/passwd"}},
		{"bad_request", object{"argv": []string{}}},
		{"bad_request", object{}},
		{"bad_request", object{"argv": "true"}},
		{"bad_request", object{"argv": []string{"a\x00b"}}},
		{"bad_request", object{"argv": []string{"true"}, "env": object{"A=B": "c"}}},
		{"bad_request", object{"argv": []string{"true"}, "cwd": "relative"}},
		{"bad_request", object{"argv": []string{"true"}, "rows": 70000}},
	} {
		open(t, c.fields).Fails(c.code)
	}
}

func TestEnvironmentLayersAndDefaults(t *testing.T) {
	out, _, _ := shell(t, `echo "$FROM $BOTH $OP $LANG $HOME $USER [$TERM]"`, object{"env": object{"BOTH": "op", "OP": "op"}}).End()
	if out != "image op op C.UTF-8 /root root []\n" {
		t.Fatalf("%q", out)
	}
}

func TestUserAndDirectory(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	out, _, _ := shell(t, "id -u; id -g; pwd; echo $USER", object{"user": "65534:12", "cwd": "/usr"}).End()
	if out != "65534\n12\n/usr\nnobody\n" {
		t.Fatalf("%q", out)
	}
}

func TestStdinFlowsWithinItsCreditAndEnds(t *testing.T) {
	h := open(t, object{"argv": []string{"wc", "-c"}, "stdin": true})
	h.Input(strings.Repeat("0123456789", 50_000))
	h.Send(protocol.EOF, 0, nil)
	if out, _, _ := h.End(); strings.TrimSpace(out) != "500000" {
		t.Fatalf("%q", out)
	}
}

func TestInputThatNobodyReadsGetsNoMoreCredit(t *testing.T) {
	h := open(t, object{"argv": []string{"sleep", "100"}, "stdin": true})
	h.Input(strings.Repeat("x", 65536)) // a pipe's worth: consumed
	h.Input(strings.Repeat("x", 65536)) // the queue
	h.Conn.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
	buf := make([]byte, 1)
	for total := h.Credit; ; total++ {
		if _, err := h.Conn.Read(buf); err != nil {
			break
		}
		if total > 1000 {
			t.Fatal("credit goes on")
		}
	}
}

func TestWithoutStdinThereIsNothingToRead(t *testing.T) {
	if out, _, exit := open(t, object{"argv": []string{"wc", "-c"}}).End(); strings.TrimSpace(out) != "0" || exit.Status != 0 {
		t.Fatalf("%q %+v", out, exit)
	}
}

func TestATerminalHasItsSizeBeforeTheProgramStarts(t *testing.T) {
	h := shell(t, "stty size; tty >/dev/null && echo $TERM; read x; stty size", object{"tty": true, "rows": 33, "cols": 101, "stdin": true})
	h.Until(1, "33 101\r\nxterm-256color\r\n")
	h.Send(protocol.Resize, 0, protocol.AppendSize(nil, 20, 40))
	h.Input("\n")
	if out, _, exit := h.End(); !strings.Contains(out, "20 40") || exit.Status != 0 {
		t.Fatalf("%q %+v", out, exit)
	}
}

func TestCtrlCOnATerminalEndsTheForeground(t *testing.T) {
	// Not a shell: one that is just about to start a program may lose the signal.
	h := open(t, object{"argv": []string{"cat"}, "tty": true, "stdin": true})
	h.Input("up\n")
	h.Until(1, "up\r\nup")
	h.Input("\x03")
	if _, _, exit := h.End(); exit.Signal != "INT" {
		t.Fatalf("%+v", exit)
	}
}

func TestABackgroundProcessKeepsNoExecOpen(t *testing.T) {
	begun := time.Now()
	h := shell(t, "sleep 30 & echo $!", nil)
	out, _, _ := h.End()
	if took := time.Since(begun); took > 5*time.Second {
		t.Fatalf("it took %s", took)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil || unix.Kill(pid, 0) != nil {
		t.Fatalf("the background process is gone: %q", out)
	}
	unix.Kill(pid, unix.SIGKILL)
}

func TestABackgroundProcessThatWritesForEverKeepsNoExecOpen(t *testing.T) {
	h := shell(t, "yes & echo $! >&2; exit 3", nil)
	_, pid, exit := h.End()
	if exit.Status != 3 {
		t.Fatalf("%+v", exit)
	}
	n, _ := strconv.Atoi(strings.TrimSpace(pid))
	unix.Kill(n, unix.SIGKILL)
}

func TestAllOutputComesThroughASlowHost(t *testing.T) {
	h := shell(t, "head -c 3000000 /dev/zero; printf end", nil)
	started(h)
	time.Sleep(300 * time.Millisecond) // longer than output is awaited after the end
	if out, _, _ := h.End(); len(out) != 3000003 || !strings.HasSuffix(out, "end") {
		t.Fatalf("%d bytes", len(out))
	}
}

func gone(t *testing.T, pid int, within time.Duration) {
	t.Helper()
	for end := time.Now().Add(within); unix.Kill(pid, 0) == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d lives on", pid)
		}
	}
}

func TestAHostThatGoesHangsTheProcessUp(t *testing.T) {
	h := shell(t, "sleep 100", nil)
	pid := started(h)
	h.Conn.Close()
	gone(t, pid, 1500*time.Millisecond)
}

func TestAProcessThatIgnoresTheHangUpIsKilled(t *testing.T) {
	h := shell(t, "trap '' HUP; echo up; while :; do sleep 1; done", nil)
	pid := started(h)
	h.Until(1, "up")
	h.Send(protocol.Close, 0, nil)
	gone(t, pid, 10*time.Second)
}

func TestATerminalsOutputComesWhole(t *testing.T) {
	h := shell(t, "stty raw; head -c 3000000 /dev/zero; printf end", object{"tty": true})
	if out, _, _ := h.End(); len(out) != 3000003 || !strings.HasSuffix(out, "end") {
		t.Fatalf("%d bytes", len(out))
	}
}
