package virtio

import (
	"errors"
	"os"
	"testing"
	"time"

	"mvm/guest/internal/channel"

	"golang.org/x/sys/unix"
)

// pair makes a port of one end of a socket pair. With packets, an empty one is a read of 0 bytes, after
// which EAGAIN follows: what the driver shows before and after a host is announced.
func pair(t *testing.T, kind int) (*Port, int) {
	fds, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fds[0], true); err != nil {
		t.Fatal(err)
	}
	p, err := newPort(fds[0], "port")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.file.Close()
		unix.Close(fds[1])
	})
	return p, fds[1]
}

func send(t *testing.T, fd int, text string) {
	t.Helper()
	if _, err := unix.Write(fd, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

// empty sends a packet of no bytes; the usual calls send none.
func empty(t *testing.T, fd int) {
	t.Helper()
	if _, _, errno := unix.Syscall6(unix.SYS_SENDTO, uintptr(fd), 0, 0, 0, 0, 0); errno != 0 {
		t.Error(errno)
	}
}

func expect(t *testing.T, p *Port, text string) {
	t.Helper()
	b := make([]byte, 100)
	if n, err := p.Read(b); err != nil || string(b[:n]) != text {
		t.Fatalf("got %q and %v, want %q", b[:n], err, text)
	}
}

func TestAHostAnnouncedAfterItsDataIsNotTakenForGone(t *testing.T) {
	p, host := pair(t, unix.SOCK_SEQPACKET)
	send(t, host, "data")
	empty(t, host) // not announced yet
	expect(t, p, "data")
	late := time.AfterFunc(announcement+announcement/2, func() { unix.Write(host, []byte("more")) })
	defer late.Stop()
	expect(t, p, "more")
}

func TestAHostThatSendsAndLeavesUnseenIsGone(t *testing.T) {
	p, host := pair(t, unix.SOCK_STREAM)
	send(t, host, "data")
	unix.Shutdown(host, unix.SHUT_WR)
	expect(t, p, "data")
	if _, err := p.Read(make([]byte, 10)); !errors.Is(err, channel.ErrHostGone) {
		t.Fatal(err)
	}
}

func TestAHostThatFollowsAtOnceIsNotTakenForGone(t *testing.T) {
	p, host := pair(t, unix.SOCK_SEQPACKET)
	send(t, host, "one")
	expect(t, p, "one")
	time.AfterFunc(50*time.Millisecond, func() { empty(t, host) }) // the one before has closed
	time.AfterFunc(100*time.Millisecond, func() { unix.Write(host, []byte("next")) })
	expect(t, p, "next")
}

func TestAWriteThatBlocksIsInterruptedByItsDeadline(t *testing.T) {
	p, _ := pair(t, unix.SOCK_STREAM)
	time.AfterFunc(50*time.Millisecond, func() { p.SetWriteDeadline(time.Unix(1, 0)) })
	for {
		if _, err := p.Write(make([]byte, 65536)); err != nil {
			if !os.IsTimeout(err) {
				t.Fatal(err)
			}
			return
		}
	}
}
