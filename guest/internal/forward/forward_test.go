package forward

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/protocol"
)

// listen accepts connections of a program on an address and hands each on.
func listen(t *testing.T, address string, serve func(*net.TCPConn)) (port int) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Skip("this machine has no address ", address)
	}
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			all.Add(1)
			go func() { defer all.Done(); defer c.Close(); serve(c.(*net.TCPConn)) }()
		}
	}()
	t.Cleanup(func() { l.Close(); all.Wait() })
	return l.Addr().(*net.TCPAddr).Port
}

func echo(c *net.TCPConn) { _, _ = io.Copy(c, c) }

// host opens the operation.
func host(t *testing.T, allowed func(int) bool) *channeltest.Host {
	t.Helper()
	l := channeltest.Serve(t, map[string]channel.Opener{"streams": Opener(Targets{Allowed: allowed})})
	h := channeltest.Open(t, l, map[string]string{"op": "streams"})
	h.Expect(protocol.Started)
	return h
}

func stream(h *channeltest.Host, t protocol.Type, id uint32, payload string) {
	h.T.Helper()
	h.Raw(protocol.AppendStreamFrame(nil, t, id, []byte(payload)))
}

func open(h *channeltest.Host, id uint32, port int) {
	stream(h, protocol.StreamOpen, id, fmt.Sprintf(`{"to":"tcp","port":%d}`, port))
}

// next is the next frame of a stream that is no WINDOW.
func next(h *channeltest.Host) (protocol.Type, uint32, string) {
	h.T.Helper()
	for {
		f := h.Frame()
		if f.Type != protocol.StreamWindow {
			id, p := protocol.StreamID(f)
			return f.Type, id, string(p)
		}
	}
}

func expect(h *channeltest.Host, t protocol.Type, id uint32, payload string) {
	h.T.Helper()
	if gotType, gotID, got := next(h); gotType != t || gotID != id || got != payload {
		h.T.Fatalf("0x%02x of stream %d with %q, not 0x%02x of %d with %q", gotType, gotID, got, t, id, payload)
	}
}

func TestAStreamReachesAProgramOnEitherLoopback(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		t.Run(address, func(t *testing.T) {
			port := listen(t, address, echo)
			h := host(t, nil)
			open(h, 1, port)
			stream(h, protocol.StreamData, 1, "hello")
			expect(h, protocol.StreamData, 1, "hello")
			stream(h, protocol.StreamEnd, 1, "")
			expect(h, protocol.StreamEnd, 1, "")
		})
	}
}

func TestAProgramAnswersAfterTheHostHasEnded(t *testing.T) {
	port := listen(t, "127.0.0.1:0", func(c *net.TCPConn) {
		all, _ := io.ReadAll(c)
		fmt.Fprintf(c, "%d bytes", len(all))
	})
	h := host(t, nil)
	open(h, 1, port)
	stream(h, protocol.StreamData, 1, "abc")
	stream(h, protocol.StreamEnd, 1, "")
	expect(h, protocol.StreamData, 1, "3 bytes")
	expect(h, protocol.StreamEnd, 1, "")
}

func TestAPortWhereNobodyListensIsRefusedAtOnce(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	h := host(t, nil)
	open(h, 1, port)
	expect(h, protocol.StreamReset, 1, refused)
}

func TestATryTellsWhetherSomethingAccepts(t *testing.T) {
	port := listen(t, "127.0.0.1:0", func(c *net.TCPConn) { io.Copy(io.Discard, c) })
	h := host(t, nil)
	stream(h, protocol.StreamOpen, 1, fmt.Sprintf(`{"to":"tcp","port":%d,"try":true}`, port))
	expect(h, protocol.StreamEnd, 1, "")
}

func TestOnlyPortsThatAreAllowedAreReached(t *testing.T) {
	port := listen(t, "127.0.0.1:0", echo)
	h := host(t, func(p int) bool { return p != port })
	open(h, 1, port)
	expect(h, protocol.StreamReset, 1, forbidden)
}

func TestAnOpenThatMakesNoSenseIsRefused(t *testing.T) {
	h := host(t, nil)
	for i, text := range []string{`{}`, `{"to":"tcp"}`, `{"to":"tcp","port":0}`, `{"to":"tcp","port":65536}`, `{"to":"unix","port":1}`, `no JSON`} {
		id := uint32(2*i + 1)
		stream(h, protocol.StreamOpen, id, text)
		expect(h, protocol.StreamReset, id, badRequest)
	}
}

func TestAResetReachesTheProgram(t *testing.T) {
	ended := make(chan error, 1)
	port := listen(t, "127.0.0.1:0", func(c *net.TCPConn) {
		_, err := io.Copy(io.Discard, c)
		ended <- err
	})
	h := host(t, nil)
	open(h, 1, port)
	stream(h, protocol.StreamData, 1, "x")
	stream(h, protocol.StreamReset, 1, "gone")
	if err := <-ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
}

func TestAProgramsResetReachesTheHost(t *testing.T) {
	port := listen(t, "127.0.0.1:0", func(c *net.TCPConn) { c.SetLinger(0) })
	h := host(t, nil)
	open(h, 1, port)
	expect(h, protocol.StreamReset, 1, broken)
}

func TestAHostThatGoesEndsTheConnections(t *testing.T) {
	begun, ended := make(chan bool, 1), make(chan error, 1)
	port := listen(t, "127.0.0.1:0", func(c *net.TCPConn) {
		begun <- true
		_, err := io.Copy(io.Discard, c)
		ended <- err
	})
	h := host(t, nil)
	open(h, 1, port)
	<-begun
	h.Conn.Close()
	if err := <-ended; !errors.Is(err, syscall.ECONNRESET) {
		t.Fatal(err)
	}
}

func TestAProgramThatDoesNotReadHoldsUpNobodyElse(t *testing.T) {
	stop := make(chan struct{})
	stuck := listen(t, "127.0.0.1:0", func(c *net.TCPConn) { <-stop })
	port := listen(t, "127.0.0.1:0", echo)
	h := host(t, nil)
	defer close(stop)
	open(h, 1, stuck)
	open(h, 3, port)
	credit := 32768
	piece := make([]byte, 8192)
	// As much as the host may send to the one, which fills the kernel's buffers too.
	for idle := 0; idle < 3; {
		for ; credit >= len(piece); credit -= len(piece) {
			stream(h, protocol.StreamData, 1, string(piece))
		}
		h.Conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
		n, ok := window(h)
		if !ok {
			idle++
			continue
		}
		idle, credit = 0, credit+n
	}
	h.Conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	stream(h, protocol.StreamData, 3, "hello")
	expect(h, protocol.StreamData, 3, "hello")
}

// window reads a WINDOW, if one comes before the deadline.
func window(h *channeltest.Host) (int, bool) {
	var b [protocol.HeaderSize + 8]byte
	if _, err := io.ReadFull(h.Conn, b[:]); err != nil {
		return 0, false
	}
	return int(binary.BigEndian.Uint32(b[protocol.HeaderSize+4:])), true
}

func TestManyConnectionsAtOnceArriveWhole(t *testing.T) {
	port := listen(t, "127.0.0.1:0", echo)
	h := host(t, nil)
	const count = 300
	text := bytes.Repeat([]byte("0123456789"), 1000)
	go func() {
		for i := range uint32(count) {
			open(h, 2*i+1, port)
			stream(h, protocol.StreamData, 2*i+1, string(text))
			stream(h, protocol.StreamEnd, 2*i+1, "")
		}
	}()
	got := map[uint32][]byte{}
	for ended := 0; ended < count; {
		switch typ, id, p := next(h); typ {
		case protocol.StreamData:
			got[id] = append(got[id], p...)
		case protocol.StreamEnd:
			ended++
			if !bytes.Equal(got[id], text) {
				t.Fatalf("stream %d: %d bytes", id, len(got[id]))
			}
		default:
			t.Fatalf("0x%02x of stream %d: %q", typ, id, p)
		}
	}
}

// echoDatagrams answers each datagram on an address with the same.
func echoDatagrams(t *testing.T, address string) int {
	t.Helper()
	c, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Skip("this machine has no address ", address)
	}
	go func() {
		b := make([]byte, 65536)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			_, _ = c.WriteTo(b[:n], from)
		}
	}()
	t.Cleanup(func() { c.Close() })
	return c.LocalAddr().(*net.UDPAddr).Port
}

func TestDatagramsKeepTheirBoundsOnEitherLoopback(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		port := echoDatagrams(t, address)
		h := host(t, nil)
		stream(h, protocol.StreamOpen, 1, fmt.Sprintf(`{"to":"udp","port":%d}`, port))
		stream(h, protocol.StreamData, 1, "\x00\x03one")
		expect(h, protocol.StreamData, 1, "\x00\x03one")
		// Two and an empty one, in pieces that end anywhere.
		stream(h, protocol.StreamData, 1, "\x00\x03two\x00")
		stream(h, protocol.StreamData, 1, "\x00\x00\x05th")
		stream(h, protocol.StreamData, 1, "ree")
		expect(h, protocol.StreamData, 1, "\x00\x03two")
		expect(h, protocol.StreamData, 1, "\x00\x00")
		expect(h, protocol.StreamData, 1, "\x00\x05three")
		stream(h, protocol.StreamReset, 1, "gone")
	}
}

func TestDatagramsToAPortThatNobodyHasAreRefused(t *testing.T) {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := c.LocalAddr().(*net.UDPAddr).Port
	c.Close()
	h := host(t, nil)
	stream(h, protocol.StreamOpen, 1, fmt.Sprintf(`{"to":"udp","port":%d}`, port))
	stream(h, protocol.StreamData, 1, "\x00\x03one")
	expect(h, protocol.StreamReset, 1, "refused")
}

func TestASealedImagesDatagramsGoToDeclaredPortsOnly(t *testing.T) {
	h := host(t, func(port int) bool { return port == 53 })
	stream(h, protocol.StreamOpen, 1, `{"to":"udp","port":54}`)
	expect(h, protocol.StreamReset, 1, "forbidden")
	stream(h, protocol.StreamOpen, 3, `{"to":"listen","port":53}`)
	expect(h, protocol.StreamReset, 3, "bad_request")
}
