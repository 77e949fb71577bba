package mount

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// SealMounted makes the file systems read-only that the guest's own programs mounted from disks, so that their journals
// are empty afterwards, so the next mount can tell that they were left in order.
func SealMounted() error {
	f, err := os.Open("/proc/self/mounts")
	if err != nil {
		return err
	}
	defer f.Close()
	for _, point := range writableDisks(f) {
		if err := restart.Mount("", point, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
			return fmt.Errorf("making %s read-only: %w", point, err)
		}
	}
	return nil
}

// writableDisks gives the mount points of block devices that are written to, from a table as proc(5) describes it.
func writableDisks(table io.Reader) []string {
	var points []string
	for s := bufio.NewScanner(table); s.Scan(); {
		field := strings.Fields(s.Text())
		if len(field) < 4 || !strings.HasPrefix(field[0], "/dev/") || !strings.HasPrefix(field[3]+",", "rw,") {
			continue
		}
		points = append(points, unescape.Replace(field[1]))
	}
	return points
}

var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
