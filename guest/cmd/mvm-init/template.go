package main

import (
	"errors"
	"fmt"
	"runtime/debug"

	"mvm/guest/internal/config"
	"mvm/guest/internal/mount"
	"mvm/guest/internal/system"
	"mvm/guest/internal/template"
	"mvm/guest/internal/virtio"
)

// errTemplate is a sealed agent's error: what it runs on is checked as it boots.
var errTemplate = errors.New("this image is sealed: its agent boots as a VM, and as no template of one")

// wait makes the machine ready for what every VM of its shape needs, lets the host save it, and goes on, in each machine
// that was resumed from that, as the VM that the host says. Up to there it has nothing of any VM.
func (b *booter) wait(t *config.Template, modules <-chan error) error {
	finder := virtio.Finder{Events: b.events}
	names := []string{eventPort}
	for i := range t.Ports {
		names = append(names, poolPort(i))
	}
	b.opened = map[string]*virtio.Port{}
	if err := finder.Find(names, deviceWait, func(name string, p *virtio.Port) { b.opened[name] = p }); err != nil {
		return err
	}
	if err := <-modules; err != nil {
		return err
	}
	if r := t.Rootfs; r != nil {
		var err error
		if b.lower, err = mount.MountLower(r.Device, r.FS, b.events, deviceWait); err != nil {
			return err
		}
	}
	if err := mount.InDevices(sealed); err != nil {
		return err
	}
	system.Tune()
	if t.Placeholder != "" {
		if err := mount.Wait(t.Placeholder, b.events, deviceWait); err != nil {
			return err
		}
		if err := mount.Forget(t.Placeholder); err != nil {
			return err
		}
	}
	debug.FreeOSMemory()

	text, err := template.Await(b.opened[eventPort])
	if err != nil {
		return err
	}
	if b.vm, err = config.ParseVM(text); err != nil {
		return fmt.Errorf("the configuration that came over the channel: %w", err)
	}
	clear(text)
	if b.vm.Ports != t.Ports || !t.Rootfs.Equal(b.vm.Rootfs) {
		return fmt.Errorf("the configuration is for a machine of another shape")
	}
	return nil
}
