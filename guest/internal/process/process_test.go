package process

import (
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"
)

var reaper = NewReaper()

func TestNoEndIsLostHoweverShortTheProcess(t *testing.T) {
	var wg sync.WaitGroup
	for range 4 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				_, ended, err := reaper.Start("/bin/true", []string{"true"}, &syscall.ProcAttr{})
				if err != nil {
					t.Error(err)
					return
				}
				select {
				case s := <-ended:
					if s.Code != 0 {
						t.Errorf("%+v", s)
					}
				case <-time.After(10 * time.Second):
					t.Error("the end of a process was lost")
					return
				}
			}
		}()
	}
	wg.Wait()
}

func TestChildlessWaitsForTheLast(t *testing.T) {
	none := reaper.Childless()
	<-none
	_, ended, err := reaper.Start("/bin/sleep", []string{"sleep", "0.2"}, &syscall.ProcAttr{})
	if err != nil {
		t.Fatal(err)
	}
	<-reaper.Childless()
	select {
	case <-ended:
	default:
		t.Fatal("a child was left")
	}
}

const (
	passwd = "root:x:0:0:root:/root:/bin/ash\nann:x:1000:100:Ann:/home/ann:/bin/bash\nbroken line\n"
	groups = "root:x:0:\nusers:x:100:\nwheel:x:10:bob,ann\naudio:x:29:ann\n"
)

func TestUsersAreFoundByNameAndNumber(t *testing.T) {
	for spec, want := range map[string]User{
		"":           {Name: "root", Home: "/root", Shell: "/bin/ash", Groups: []uint32{0}},
		"root":       {Name: "root", Home: "/root", Shell: "/bin/ash", Groups: []uint32{0}},
		"ann":        {Name: "ann", UID: 1000, GID: 100, Home: "/home/ann", Shell: "/bin/bash", Groups: []uint32{100, 10, 29}},
		"1000":       {Name: "ann", UID: 1000, GID: 100, Home: "/home/ann", Shell: "/bin/bash", Groups: []uint32{100, 10, 29}},
		"ann:audio":  {Name: "ann", UID: 1000, GID: 29, Home: "/home/ann", Shell: "/bin/bash", Groups: []uint32{29}},
		"ann:7":      {Name: "ann", UID: 1000, GID: 7, Home: "/home/ann", Shell: "/bin/bash", Groups: []uint32{7}},
		"4711":       {Name: "4711", UID: 4711, GID: 4711, Home: "/", Shell: "/bin/sh", Groups: []uint32{4711}},
		"4711:wheel": {Name: "4711", UID: 4711, GID: 10, Home: "/", Shell: "/bin/sh", Groups: []uint32{10}},
	} {
		got, failure := findUser(spec, passwd, groups)
		if failure != nil || got.Name != want.Name || got.UID != want.UID || got.GID != want.GID || got.Home != want.Home ||
			got.Shell != want.Shell || !slices.Equal(got.Groups, want.Groups) {
			t.Errorf("%q: %+v %v", spec, got, failure)
		}
	}
	for _, spec := range []string{"bob", "ann:nogroup", "-1"} {
		if _, failure := findUser(spec, passwd, groups); failure == nil || failure.Code != "no_such_user" {
			t.Errorf("%q: %v", spec, failure)
		}
	}
}

func TestRootNeedsNoUserDatabase(t *testing.T) {
	if u, failure := findUser("root", "", ""); failure != nil || u.UID != 0 || u.Home != "/root" {
		t.Fatalf("%+v %v", u, failure)
	}
}

func TestLookupPassesOverWhatIsNotExecutable(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	os.WriteFile(one+"/tool", nil, 0o644)
	os.WriteFile(two+"/tool", nil, 0o755)
	if got, failure := Lookup("tool", one+":"+two, "/"); failure != nil || got != two+"/tool" {
		t.Fatalf("%q %v", got, failure)
	}
	if got, failure := Lookup("./tool", "", two); failure != nil || got != two+"/tool" {
		t.Fatalf("%q %v", got, failure)
	}
}
