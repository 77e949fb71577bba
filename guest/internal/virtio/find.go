package virtio

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"mvm/guest/internal/uevent"
)

const class = "/sys/class/virtio-ports"

// Finder finds ports by name as the kernel announces them.
type Finder struct {
	Events *uevent.Watcher
	seen   map[string]bool // devices whose name was read
}

// Find opens the ports with the given names, each as soon as it is there, and hands it to found. It gives
// up after the time given, and then names what is missing.
func (f *Finder) Find(names []string, within time.Duration, found func(name string, p *Port)) error {
	if f.seen == nil {
		f.seen = map[string]bool{}
	}
	missing := map[string]bool{}
	for _, n := range names {
		missing[n] = true
	}
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		changed := f.Events.Changed("virtio-ports")
		if err := f.scan(missing, found); err != nil {
			return err
		}
		if len(missing) == 0 {
			return nil
		}
		select {
		case <-changed:
		case <-deadline.C:
			return fmt.Errorf("no virtio-serial port %s appeared within %s", list(missing), within)
		}
	}
}

func (f *Finder) scan(missing map[string]bool, found func(string, *Port)) error {
	devices, err := os.ReadDir(class)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, d := range devices {
		if f.seen[d.Name()] {
			continue
		}
		// The name comes after the device, in a message of its own; until then there is no such file.
		b, err := os.ReadFile(class + "/" + d.Name() + "/name")
		name := strings.TrimSpace(string(b))
		if err != nil || name == "" || !missing[name] {
			continue
		}
		p, err := Open("/dev/" + d.Name())
		if os.IsNotExist(err) {
			continue // devtmpfs is a step behind sysfs; the next event finds it
		}
		if err != nil {
			return err
		}
		f.seen[d.Name()] = true
		delete(missing, name)
		found(name, p)
	}
	return nil
}

func list(set map[string]bool) string {
	var names []string
	for n := range set {
		names = append(names, n)
	}
	sort.Strings(names)
	return strings.Join(names, ", ")
}
