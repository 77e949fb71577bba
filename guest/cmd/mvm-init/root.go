package main

import (
	"errors"
	"fmt"
	"time"

	"mvm/guest/internal/config"
	"mvm/guest/internal/module"
	"mvm/guest/internal/mount"
	"mvm/guest/internal/verity"
)

// errUnverified is a sealed agent's error for a root that would not be verified.
var errUnverified = errors.New("this image is sealed: its agent mounts only a root that verity checks, and this VM has none (image.json has no verity, or it was not passed on)")

// damageTimeout is how long programs on a damaged root may take to end: volumes must be written back.
const damageTimeout = 5 * time.Second

// mountLower mounts the image's root, through verity if it must be checked. Returns where it is mounted.
func (b *booter) mountLower() (string, error) {
	root := b.vm.Rootfs
	if sealed && (root == nil || root.Verity == nil) {
		return "", errUnverified
	}
	if root == nil {
		return mount.InitrdRoot, nil
	}
	if b.lower != "" {
		return b.lower, nil
	}
	device := root.Device
	if v := root.Verity; v != nil {
		if err := loadModules(module.Dir + "/verity"); err != nil {
			return "", err
		}
		if !verity.Supported() {
			return "", fmt.Errorf("the image's root must be checked by verity, but its kernel bundle has no dm-verity")
		}
		for _, disk := range []string{device, v.Device} {
			if err := mount.Wait(disk, b.events, deviceWait); err != nil {
				return "", err
			}
		}
		b.watch = verity.NewWatch(b.events)
		checked, err := verity.Open(device, v)
		if err != nil {
			return "", err
		}
		b.watch.Attach(checked)
		device = checked.Path
	}
	return mount.MountLower(device, root.FS, b.events, deviceWait)
}

// mountRoot makes the final root, on the disk or on memory as the VM's configuration says, and what belongs into it.
func (b *booter) mountRoot(lower string) error {
	writable := b.disk
	if d := b.vm.Disk; d != nil && d.Use == config.UseVolumes {
		writable = nil
	}
	if err := mount.Root(lower, writable, sealed); err != nil {
		return err
	}
	if b.opened == nil {
		if err := mount.InDevices(sealed); err != nil {
			return err
		}
	}
	if err := mount.Rest(sealed); err != nil {
		return err
	}
	if b.disk == nil || writable != nil {
		return nil
	}
	return b.disk.Volumes(b.image.Volumes, sealed)
}

// explain puts damage of the root in the place of what came of it.
func (b *booter) explain(err error) error {
	if b.watch == nil {
		return err
	}
	return b.watch.Explain(err)
}

// endOnDamage ends the VM when a block of its root turns out to be wrong: what reads it gets EIO, and what runs on
// has no ground to stand on.
func (b *booter) endOnDamage() {
	if b.watch == nil {
		return
	}
	go func() {
		<-b.watch.Found()
		say("%v; powering off", b.watch.First())
		b.machine.Begin(damageTimeout)
	}()
}
