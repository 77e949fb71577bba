package mount

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"mvm/guest/internal/uevent"
)

func TestADeviceThatCannotBeOpenedYetIsWaitedFor(t *testing.T) {
	events, err := uevent.Watch()
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	dir := t.TempDir()
	ready, early, locked := filepath.Join(dir, "ready"), filepath.Join(dir, "early"), filepath.Join(dir, "no", "folder")
	os.WriteFile(ready, nil, 0o600)
	os.WriteFile(filepath.Join(dir, "no"), nil, 0o600)
	// A socket's file cannot be opened, with the error of a disk whose node is there before the disk is: ENXIO.
	l, err := net.Listen("unix", early)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for device, want := range map[string]string{
		ready:                         "",
		early:                         "did not appear within",
		filepath.Join(dir, "missing"): "did not appear within",
		locked:                        "not a directory",
	} {
		err := Wait(device, events, 20*time.Millisecond)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", device, err)
		}
	}
}
