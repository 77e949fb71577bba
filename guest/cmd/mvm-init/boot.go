package main

import (
	"fmt"
	"time"

	"mvm/guest/internal/boot"
	"mvm/guest/internal/config"
	"mvm/guest/internal/module"
	"mvm/guest/internal/mount"
	"mvm/guest/internal/network"
	"mvm/guest/internal/process"
	"mvm/guest/internal/shutdown"
	"mvm/guest/internal/system"
	"mvm/guest/internal/uevent"
	"mvm/guest/internal/verity"
	"mvm/guest/internal/virtio"

	"golang.org/x/sys/unix"
)

// deviceWait is how long a device may take to appear. Under emulation on a busy host this is seconds.
const deviceWait = 10 * time.Second

// booter carries what the boot's steps pass on to each other.
type booter struct {
	journal *boot.Journal
	stage   string
	vm      *config.VM
	image   *config.Image
	events  *uevent.Watcher
	ports   *ports
	opened  map[string]*virtio.Port // by a template; nil in a machine that was booted
	lower   string                  // where a template has mounted the image's root
	disk    *mount.Disk
	reaper  *process.Reaper
	access  access
	machine *shutdown.Machine
	watch   *verity.Watch // nil where the root is not checked
	services
}

func newBooter() *booter {
	return &booter{journal: boot.NewJournal(), stage: "modules"}
}

// bootSafely turns a fault of the agent into a failed boot: without PID 1 the kernel panics.
func (b *booter) bootSafely() (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("a fault in the agent: %v", fault)
		}
	}()
	return b.boot()
}

// boot is the boot sequence. Whatever waits for the kernel or for a device runs in parallel with the rest: the modules load while
// the configuration is read, the disk is mounted while the modules behind its driver load, and the network comes up
// while the root is made.
func (b *booter) boot() error {
	loaded := make(chan struct{})
	modules := aside(func() error {
		err := loadModules(module.Dir)
		if err == nil {
			close(loaded)
		}
		return err
	})
	if err := mount.Devices(); err != nil {
		return err
	}
	var err error
	if b.events, err = uevent.Watch(); err != nil {
		return err
	}
	t, err := config.ReadTemplate(config.TemplateFile)
	if err != nil {
		return err
	}
	if t == nil {
		b.vm, err = config.ReadVM(config.VMFile)
	} else if sealed {
		err = errTemplate
	} else if err = b.wait(t, modules); err != nil {
		say("template: %v", err)
		off()
	}
	if err != nil {
		return err
	}
	if err := system.SetClock(b.vm.ClockUnixMs); err != nil {
		say("the clock could not be set: %v", err)
	}
	// A host of an earlier version gives none.
	if t != nil || len(b.vm.Seed) > 0 {
		if err := system.Reseed(b.vm.Seed); err != nil {
			return err
		}
	}
	// The event port is served from here on, so that what fails next is heard of.
	b.begin("modules")
	b.ports = b.findPorts()
	disk := aside(func() error { return b.mountDisk(loaded) })
	link := aside(func() error {
		<-loaded
		return b.configureNetwork()
	})
	if b.image, err = config.ReadImage(config.ImageFile); err != nil {
		return err
	}
	if err := <-modules; err != nil {
		return err
	}

	b.begin("disk")
	lower, err := b.mountLower()
	if err != nil {
		return err
	}
	if err := <-disk; err != nil {
		return err
	}

	// Whatever looks for devices must finish before /sys and /dev move: a look in between finds nothing, and
	// no event may follow that makes it look again.
	if err := b.ports.wait(); err != nil {
		b.stage = "modules"
		return err
	}

	b.begin("root")
	if err := b.mountRoot(lower); err != nil {
		return err
	}
	if t == nil {
		system.Tune()
	}
	if sealed {
		if err := system.Harden(); err != nil {
			return err
		}
	}
	hostname := b.hostname()
	if err := unix.Sethostname([]byte(hostname)); err != nil {
		return fmt.Errorf("setting the host name %q: %w", hostname, err)
	}

	b.takeFiles()

	b.begin("network")
	if err := network.WriteFiles(hostname, b.vm.Network); err != nil {
		return err
	}
	if err := <-link; err != nil {
		return err
	}

	b.begin("entrypoint")
	if err := b.prepareEntrypoint(); err != nil {
		return err
	}
	if err := b.prepareServices(); err != nil {
		return err
	}
	b.prepareShutdown()
	b.startServices()
	ops := b.operations()
	b.serve(b.ports.first, poolPort(0), b.poolServer(ops))
	if b.watch != nil && b.watch.First() != nil {
		return b.watch.First()
	}
	b.endOnDamage()
	b.journal.Ready()
	go b.serveOthers(ops)
	return nil
}

// hostname is the one that the image asks for, else the VM's.
func (b *booter) hostname() string {
	if b.image.Hostname != "" {
		return b.image.Hostname
	}
	return b.vm.Hostname
}

func (b *booter) begin(stage string) {
	b.stage = stage
	b.journal.Stage(stage)
}

func loadModules(dir string) error {
	files, err := module.List(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := module.Load(f); err != nil {
			return err
		}
	}
	return nil
}

// aside works in a goroutine of its own; the channel gets the outcome, once. A fault is an error, as in the boot itself.
func aside(work func() error) <-chan error {
	done := make(chan error, 1)
	go func() {
		defer close(done)
		defer func() {
			if fault := recover(); fault != nil {
				done <- fmt.Errorf("a fault in the agent: %v", fault)
			}
		}()
		done <- work()
	}()
	return done
}

func (b *booter) mountDisk(modules <-chan struct{}) (err error) {
	if d := b.vm.Disk; d != nil {
		b.disk, err = mount.MountDisk(d.Device, d.FS, b.events, deviceWait, modules)
	}
	return err
}

func (b *booter) configureNetwork() error {
	if err := network.Loopback(); err != nil || b.vm.Network == nil {
		return err
	}
	return network.Configure(b.vm.Network, b.events, deviceWait)
}

func (b *booter) prepareEntrypoint() error {
	b.reaper = process.NewReaper()
	e := b.image.Entrypoint
	b.openAccess()
	switch e.Kind {
	case config.KindCommand, config.KindServices:
		return nil // what is wrong with them is told when they end
	case config.KindShell:
	default:
		return fmt.Errorf("this agent does not know entrypoints of the kind %q", e.Kind)
	}
	if len(e.Argv) == 0 {
		return fmt.Errorf("the image's entrypoint is empty")
	}
	// The shell itself starts with the first who attaches; that it can is known now.
	path := b.image.Env["PATH"]
	if path == "" {
		path = process.DefaultPath
	}
	if _, failure := process.Lookup(e.Argv[0], path, "/"); failure != nil {
		return fmt.Errorf("the image's entrypoint: %s", failure.Message)
	}
	return nil
}
