package probe

import (
	"context"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAPortAnswersOnEitherLoopback(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skip("this machine has no address ", address)
		}
		port := l.Addr().(*net.TCPAddr).Port
		if err := Port(port)(context.Background()); err != nil {
			t.Error(address, err)
		}
		l.Close()
		if Port(port)(context.Background()) == nil {
			t.Error(address, "answers when it is closed")
		}
	}
}

func TestAPortThatDoesNotAnswerIsGivenUpInTime(t *testing.T) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	at := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	if err := unix.Bind(fd, at); err != nil {
		t.Fatal(err)
	}
	if err := unix.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, _ := unix.Getsockname(fd)
	port := name.(*unix.SockaddrInet4).Port
	// Nobody accepts: when its queue is full, further connections wait.
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	for range 4 {
		c, err := (&net.Dialer{Timeout: 50 * time.Millisecond}).Dial("tcp", (&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}).String())
		if err != nil {
			break
		}
		defer c.Close()
	}
	begun := time.Now()
	if Port(port)(ctx) == nil {
		t.Fatal("it answered")
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Fatal("it took ", took)
	}
}
