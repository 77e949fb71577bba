package cgroup

import (
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"mvm/guest/internal/inotify"
	"mvm/guest/internal/process"
)

var reaper = process.NewReaper()

// group makes a group for a test, where this machine lets us.
func group(t *testing.T) *Group {
	events, err := inotify.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(events.Close)
	for _, root := range []string{Root, Root + "/unified"} {
		if tree, ok := Open(root, events); ok {
			g, err := tree.Make("mvm-test-" + strconv.Itoa(os.Getpid()))
			if err != nil {
				t.Skipf("no cgroup can be made here: %v", err)
			}
			t.Cleanup(func() {
				g.Kill()
				g.Empty(5 * time.Second)
				if err := g.Remove(); err != nil {
					t.Error(err)
				}
			})
			return g
		}
	}
	t.Skip("this machine has no cgroup v2")
	return nil
}

func start(t *testing.T, g *Group, script string) (int, <-chan process.Status) {
	pid, ended, err := reaper.Start("/bin/sh", []string{"sh", "-c", script}, &syscall.ProcAttr{
		Sys: &syscall.SysProcAttr{Setsid: true, UseCgroupFD: true, CgroupFD: g.FD()},
	})
	if err != nil {
		t.Fatal(err)
	}
	return pid, ended
}

func TestWhatForkedAwayTwiceIsStillInTheGroupAndKilledWithIt(t *testing.T) {
	g := group(t)
	if g.Populated() || !g.Empty(0) {
		t.Fatal("a new group has processes")
	}
	pid, ended := start(t, g, "(setsid sh -c 'sleep 100 & exec sleep 100' &) ; exit 0")
	if s := <-ended; s.Code != 0 {
		t.Fatal(s)
	}
	if !g.Populated() || slices.Contains(g.PIDs(), pid) || g.Empty(50*time.Millisecond) {
		t.Fatal("what forked away left the group")
	}
	g.Kill()
	if !g.Empty(10 * time.Second) {
		t.Fatalf("left are %v", g.PIDs())
	}
}

func TestASignalReachesEveryProcessOfTheGroup(t *testing.T) {
	g := group(t)
	_, one := start(t, g, "exec sleep 100")
	_, two := start(t, g, "exec sleep 100")
	g.Signal(syscall.SIGTERM)
	for _, ended := range []<-chan process.Status{one, two} {
		if s := <-ended; s.Signal != "TERM" {
			t.Fatal(s)
		}
	}
}
