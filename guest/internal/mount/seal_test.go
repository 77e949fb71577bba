package mount

import (
	"slices"
	"strings"
	"testing"
)

func TestDisksThatProgramsMountedAreFoundToBeSealed(t *testing.T) {
	table := `overlay / overlay rw,noatime,lowerdir=/rootfs 0 0
proc /proc proc rw,nosuid 0 0
/dev/vda /nix ext4 rw,noatime,discard 0 0
/dev/vda /with\040a\134space ext4 rw 0 0
/dev/vdb /lower erofs ro,noatime 0 0
tmpfs /dev/shm tmpfs rw 0 0
`
	got := writableDisks(strings.NewReader(table))
	if want := []string{"/nix", `/with a\space`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
