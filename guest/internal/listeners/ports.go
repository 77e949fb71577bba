// Package listeners tells a host on which TCP ports programs of this machine listen, as they come and go.
package listeners

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// listening is TCP_LISTEN, as /proc/net/tcp writes it (proc_net_tcp(5)).
const listening = "0A"

// reachable are the addresses, as /proc/net/tcp and tcp6 write them, on which forwarded connections arrive: all, and the
// two loopbacks.
var reachable = []string{
	"00000000", "0100007F",
	"00000000000000000000000000000000", "00000000000000000000000001000000",
}

var tables = []string{"/proc/net/tcp", "/proc/net/tcp6"}

// most is how many are told of.
const most = 256

// Ports are the ports on which something listens, in order.
func Ports() []int {
	var ports []int
	for _, table := range tables {
		f, err := os.Open(table)
		if err != nil {
			continue // a kernel without IPv6
		}
		ports = append(ports, parse(f)...)
		f.Close()
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	return ports[:min(len(ports), most)]
}

// parse reads a table up to its first connection: what listens comes first.
func parse(table io.Reader) (ports []int) {
	lines := bufio.NewScanner(table)
	lines.Scan()
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || fields[3] != listening {
			break
		}
		address, port, _ := strings.Cut(fields[1], ":")
		n, err := strconv.ParseUint(port, 16, 16)
		if err == nil && n > 0 && slices.Contains(reachable, address) {
			ports = append(ports, int(n))
		}
	}
	return ports
}
