package main

import (
	"time"

	"mvm/guest/internal/mount"
	"mvm/guest/internal/shutdown"
	"mvm/guest/internal/system"

	"golang.org/x/sys/unix"
)

// failureWait is how long a failed guest waits for a host to read why.
const failureWait = 10 * time.Second

// prepareShutdown makes the machine ready to be ended, by the host or from within.
func (b *booter) prepareShutdown() {
	b.machine = &shutdown.Machine{
		Reaper:   b.reaper,
		HangUp:   b.access.hangUp,
		Seal:     b.seal,
		Services: b.supervisor.Stop,
		StopTime: b.supervisor.StopTime,
		Signal:   func(s unix.Signal) { _ = unix.Kill(-1, s) },
		Off:      off,
	}
	system.OnSignals(func() { b.machine.Begin(shutdown.DefaultTimeout) })
}

// seal leaves file systems that need no repair. What fails is said and passed over: the power goes off in
// any case, and ext4 replays its journal.
func (b *booter) seal() {
	b.access.unmount()
	unix.Sync()
	if err := mount.SealMounted(); err != nil {
		say("%v", err)
	}
	if b.disk == nil {
		return
	}
	if err := mount.SealRoot(); err != nil {
		say("making the root read-only: %v", err)
	}
	if err := b.disk.Seal(); err != nil {
		say("%v", err)
	}
}

// off ends the VM. The VMM runs with -no-reboot, so that a restart ends it on every machine type, also
// where ACPI is off. A `reboot` in the guest therefore ends the VM too.
func off() {
	unix.Sync()
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_RESTART); err != nil {
		say("powering off: %v", err)
	}
	select {}
}

// giveUp says why the boot failed, waits for a host to hear it, and switches off.
func (b *booter) giveUp(err error) {
	err = b.explain(err)
	say("boot failed at %s: %v", b.stage, err)
	b.journal.Failed(b.stage, err.Error())
	t := time.NewTimer(failureWait)
	select {
	case <-b.journal.Release:
	case <-t.C:
	}
	off()
}
