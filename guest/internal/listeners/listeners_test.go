package listeners

import (
	"net"
	"slices"
	"strings"
	"testing"
)

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1B59 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0F02000A:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 0100007F:0050 0100007F:C000 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
   4: 00000000:0051 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5 1 0 100 0 0 10 0
`

func TestWhatListensWhereForwardedConnectionsArriveIsFound(t *testing.T) {
	if got := parse(strings.NewReader(table)); !slices.Equal(got, []int{7001, 80}) {
		t.Fatal(got)
	}
	for _, text := range []string{"", "\n", "a\nb\n", "h\n 0: x:y z 0A\n", "h\n 0: 00000000:FFFFF z 0A\n"} {
		if got := parse(strings.NewReader(text)); len(got) != 0 {
			t.Fatal(text, got)
		}
	}
}

func TestAListenerComesAndGoes(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0", ":0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skip("this machine has no address ", address)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if !slices.Contains(Ports(), port) {
			t.Error(address, "is not found")
		}
		l.Close()
		if slices.Contains(Ports(), port) {
			t.Error(address, "is found when it is closed")
		}
	}
}
