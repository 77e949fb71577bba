package uevent

import "testing"

func TestTheSubsystemOfAMessageIsRead(t *testing.T) {
	for message, want := range map[string]string{
		"add@/devices/x\x00ACTION=add\x00DEVPATH=/devices/x\x00SUBSYSTEM=virtio-ports\x00SEQNUM=7\x00": "virtio-ports",
		"add@/devices/x": "",
		"":               "",
	} {
		if got := field([]byte(message), "SUBSYSTEM"); got != want {
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

func TestAFieldIsHeardOfAndSoIsThatEventsWereLost(t *testing.T) {
	w := &Watcher{heard: map[string]func(string){}}
	var told []string
	w.On("ERR_BLOCK", func(value string) { told = append(told, value) })
	w.tell([]byte("change@/devices/x\x00SUBSYSTEM=block\x00ERR_BLOCK=0,7\x00"))
	w.tell([]byte("change@/devices/x\x00SUBSYSTEM=block\x00"))
	w.tell(nil)
	if len(told) != 2 || told[0] != "0,7" || told[1] != "" {
		t.Fatalf("%q", told)
	}
}
