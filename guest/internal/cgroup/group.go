// Package cgroup holds processes together, whatever they fork (cgroup v2).
package cgroup

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mvm/guest/internal/inotify"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// Root is where the hierarchy is mounted.
const Root = "/sys/fs/cgroup"

// Tree makes groups. The zero value is that of a kernel without cgroup v2.
type Tree struct {
	root   string
	events *inotify.Watcher
}

// Group is a cgroup for one service. It stays for the VM's life.
type Group struct {
	dir    string
	fd     int
	events *inotify.Watcher
}

// Open opens the hierarchy; ok is false where the kernel has none. The memory controller is wanted for its
// count of processes killed for lack of memory only; a kernel without it is fine.
func Open(root string, events *inotify.Watcher) (t Tree, ok bool) {
	var fs unix.Statfs_t
	if unix.Statfs(root, &fs) != nil || int64(fs.Type) != unix.CGROUP2_SUPER_MAGIC {
		return Tree{}, false
	}
	_ = os.WriteFile(filepath.Join(root, "cgroup.subtree_control"), []byte("+memory"), 0)
	return Tree{root, events}, true
}

// Make makes a group, or takes the one that is there.
func (t Tree) Make(name string) (*Group, error) {
	dir := filepath.Join(t.root, safe(name))
	if err := os.Mkdir(dir, 0o755); err != nil && !os.IsExist(err) {
		return nil, err
	}
	fd, err := restart.Open(dir, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: dir, Err: err}
	}
	return &Group{dir, fd, t.events}, nil
}

// safe makes a folder's name of a service's.
func safe(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '/' || r < ' ' {
			return '_'
		}
		return r
	}, name)
}

// Remove removes the group, which must be empty.
func (g *Group) Remove() error {
	unix.Close(g.fd)
	return os.Remove(g.dir)
}

// FD is the descriptor that processes are started into the group with.
func (g *Group) FD() int { return g.fd }

func (g *Group) read(file string) []byte {
	b, _ := os.ReadFile(filepath.Join(g.dir, file))
	return b
}

// field reads a number of a file with one name and one number a line; 0 where there is none.
func (g *Group) field(file, name string) int {
	for line := range bytes.Lines(g.read(file)) {
		if key, value, _ := strings.Cut(strings.TrimSpace(string(line)), " "); key == name {
			n, _ := strconv.Atoi(value)
			return n
		}
	}
	return 0
}

// Populated reports whether there is a process in the group.
func (g *Group) Populated() bool { return g.field("cgroup.events", "populated") == 1 }

// OOMKills is how many of the group's processes the kernel killed for lack of memory so far.
func (g *Group) OOMKills() int { return g.field("memory.events", "oom_kill") }

// WatchOOM reports changes of OOMKills; an error says that the kernel does not count.
func (g *Group) WatchOOM() (*inotify.Watch, error) {
	return g.events.Add(filepath.Join(g.dir, "memory.events"), unix.IN_MODIFY)
}

// PIDs lists the group's processes.
func (g *Group) PIDs() []int {
	var list []int
	for _, f := range strings.Fields(string(g.read("cgroup.procs"))) {
		if pid, err := strconv.Atoi(f); err == nil && pid > 0 {
			list = append(list, pid)
		}
	}
	return list
}

// Signal sends a signal to every process of the group.
func (g *Group) Signal(sig unix.Signal) {
	for _, pid := range g.PIDs() {
		_ = unix.Kill(pid, sig)
	}
}

// Kill kills all processes of the group, also those that fork meanwhile.
func (g *Group) Kill() {
	if os.WriteFile(filepath.Join(g.dir, "cgroup.kill"), []byte("1"), 0) != nil {
		g.Signal(unix.SIGKILL) // a kernel before 5.14
	}
}

// Empty waits until there is no process in the group; false where that takes longer.
func (g *Group) Empty(within time.Duration) bool {
	if !g.Populated() {
		return true
	}
	watch, err := g.events.Add(filepath.Join(g.dir, "cgroup.events"), unix.IN_MODIFY)
	if err != nil {
		return false
	}
	defer watch.Close()
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for g.Populated() {
		select {
		case <-watch.C:
		case <-deadline.C:
			return !g.Populated()
		}
	}
	return true
}
