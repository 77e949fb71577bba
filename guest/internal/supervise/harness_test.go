package supervise

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"mvm/guest/internal/cgroup"
	"mvm/guest/internal/config"
	"mvm/guest/internal/inotify"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/process"
)

var reaper = process.NewReaper()

// patience is how long a test waits for what must come. It is a bound, not a pace.
const patience = 60 * time.Second

// bed is a supervisor in a test, with a folder ($DIR) that its services write to.
type bed struct {
	*Supervisor
	t    *testing.T
	dir  string
	said func() string
}

// serve starts what the image says. Every process that it leaves is an error.
func serve(t *testing.T, image string) *bed {
	t.Helper()
	return serveWith(t, image, nil)
}

func serveWith(t *testing.T, image string, change func(*Options)) *bed {
	t.Helper()
	b := &bed{t: t, dir: t.TempDir()}
	v := &config.Image{}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(image, "$DIR", b.dir)), v); err != nil {
		t.Fatal(err)
	}
	events, err := inotify.New()
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var said strings.Builder
	b.said = func() string {
		mu.Lock()
		defer mu.Unlock()
		return said.String()
	}
	o := Options{Image: v, Env: map[string]string{"DIR": b.dir}, Reaper: reaper, Logs: &logs.Book{}, Events: events,
		Say: func(format string, args ...any) {
			mu.Lock()
			defer mu.Unlock()
			fmt.Fprintf(&said, format+"\n", args...)
		}}
	if change != nil {
		change(&o)
	}
	b.Supervisor = New(o)
	b.Start()
	t.Cleanup(func() {
		b.Stop()
		for _, u := range b.all() {
			if u.group != nil {
				if err := u.group.Remove(); err != nil {
					t.Errorf("%s leaves something in its cgroup: %v", u.name, err)
				}
			}
			u.log.Close()
		}
		events.Close()
	})
	return b
}

// withGroups makes the supervisor use cgroups, where this machine lets us.
func withGroups(t *testing.T) func(*Options) {
	return func(o *Options) {
		for _, root := range []string{cgroup.Root, cgroup.Root + "/unified"} {
			if tree, ok := cgroup.Open(root, o.Events); ok {
				g, err := tree.Make("mvm-probe-" + strconv.Itoa(os.Getpid()))
				if err == nil && g.Remove() == nil {
					o.Groups = &tree
					return
				}
			}
		}
		t.Skip("this machine lets us make no cgroup v2")
	}
}

// until waits until a unit meets a condition.
func (b *bed) until(name string, what string, is func(Unit) bool) Unit {
	b.t.Helper()
	deadline := time.After(patience)
	for {
		changed := b.Changed()
		u, ok := b.Unit(name)
		if e := b.State().Entrypoint; name == EntrypointName && e != nil {
			u, ok = *e, true
		}
		if !ok {
			b.t.Fatalf("there is no %s", name)
		}
		if is(u) {
			return u
		}
		select {
		case <-changed:
		case <-deadline:
			b.t.Fatalf("%s is not %s but %+v\n%s", name, what, u, b.Logs.Tail(name, 10))
		}
	}
}

func (b *bed) untilState(name, state string) Unit {
	b.t.Helper()
	return b.until(name, state, func(u Unit) bool { return u.State == state })
}

// file is what a file in the folder contains, or empty.
func (b *bed) file(name string) string {
	text, _ := os.ReadFile(filepath.Join(b.dir, name))
	return string(text)
}

// pid waits until a file has a process id in it.
func (b *bed) pid(name string) int {
	b.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if text := b.file(name); strings.HasSuffix(text, "\n") {
			n, err := strconv.Atoi(strings.TrimSpace(text))
			if err != nil {
				b.t.Fatal(err)
			}
			return n
		}
	}
	b.t.Fatalf("%s did not appear", name)
	return 0
}

func lives(pid int) bool { return syscall.Kill(pid, 0) == nil }

// gone waits until a process is no more.
func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(patience); lives(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d lives on", pid)
		}
	}
}

func script(text string) string {
	b, _ := json.Marshal([]string{"/bin/sh", "-c", text})
	return string(b)
}

func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}
