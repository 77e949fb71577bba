package uevent

import "testing"

func TestTheSubsystemOfAMessageIsRead(t *testing.T) {
	for message, want := range map[string]string{
		"add@/devices/x\x00ACTION=add\x00DEVPATH=/devices/x\x00SUBSYSTEM=virtio-ports\x00SEQNUM=7\x00": "virtio-ports",
		"add@/devices/x": "",
		"":               "",
	} {
		if got := subsystem([]byte(message)); got != want {
			t.Errorf("%q: %q", message, got)
		}
	}
}

func TestWaitersOfASubsystemAreWokenOnce(t *testing.T) {
	w := &Watcher{waiting: map[string]chan struct{}{}}
	block, net := w.Changed("block"), w.Changed("net")
	w.wake("block")
	<-block
	select {
	case <-net:
		t.Fatal("an event of another subsystem woke it")
	default:
	}
	w.wakeAll()
	<-net
}
