package channeltest

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"
)

// Key is the key of all tests.
var Key = protocol.Key([]byte("0123456789abcdef0123456789ABCDEF"))

// patience is how long a test waits for what must come. It is a bound, not a pace.
const patience = 20 * time.Second

// Serve serves operations on a new link for the length of the test.
func Serve(t testing.TB, ops map[string]channel.Opener) *Link {
	return ServeWith(t, &channel.Server{Key: Key, Agent: "test", Ops: ops, Log: t.Logf})
}

// ServeWith lets a server serve a new link for the length of the test.
func ServeWith(t testing.TB, s *channel.Server) *Link {
	l := NewLink()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Serve(l)
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return l
}

// Host is a host in a test: it fails the test where anything unexpected happens.
type Host struct {
	T      testing.TB
	Conn   net.Conn
	Credit int
	nonce  [protocol.NonceSize]byte
	early  []protocol.Frame // read while waiting for credit
}

// Dial connects a host to the link and sends nothing.
func Dial(t testing.TB, l *Link) *Host {
	h := &Host{T: t, Conn: l.Connect()}
	h.Conn.SetDeadline(time.Now().Add(patience))
	t.Cleanup(func() { h.Conn.Close() })
	return h
}

// Open connects, opens an operation and awaits WELCOME.
func Open(t testing.TB, l *Link, open any) *Host {
	t.Helper()
	h := Dial(t, l)
	h.Begin(open)
	return h
}

// Begin shows that it has the key, sends HELLO and OPEN, and awaits WELCOME.
func (h *Host) Begin(open any) {
	h.T.Helper()
	h.Preamble()
	h.Prove()
	h.Object(protocol.Hello, map[string]int{"generation": 1})
	h.Object(protocol.Open, open)
	h.Expect(protocol.Welcome)
}

// Preamble sends the mark and a new nonce.
func (h *Host) Preamble() {
	rand.Read(h.nonce[:])
	h.Credit, h.early = 0, nil
	mark := Key.Mark()
	h.Raw(append(mark[:], h.nonce[:]...))
}

// Prove awaits the guest's answer to the last preamble, dropping what comes before it, and sends the host's proof.
func (h *Host) Prove() {
	h.T.Helper()
	proof := Key.HostProof(h.nonce, h.Answer())
	h.Raw(proof[:])
}

// Answer awaits the guest's answer to the last preamble, dropping what comes before it. Returns the guest's nonce.
func (h *Host) Answer() (nonce [protocol.NonceSize]byte) {
	h.T.Helper()
	return h.AnswerOf(false)
}

// AnswerOf is Answer of a guest that is about to power off, or is not.
func (h *Host) AnswerOf(stopping bool) (nonce [protocol.NonceSize]byte) {
	h.T.Helper()
	want := Key.GuestProof(h.nonce, stopping)
	var seen []byte
	one := make([]byte, 1)
	for !bytes.HasSuffix(seen, want[:]) {
		if _, err := io.ReadFull(h.Conn, one); err != nil {
			h.T.Fatalf("no answer came: %v", err)
		}
		seen = append(seen, one[0])
	}
	if _, err := io.ReadFull(h.Conn, nonce[:]); err != nil {
		h.T.Fatalf("the answer broke off: %v", err)
	}
	return nonce
}

// Raw sends bytes.
func (h *Host) Raw(b []byte) {
	h.T.Helper()
	if _, err := h.Conn.Write(b); err != nil {
		h.T.Fatal(err)
	}
}

// Send sends a frame.
func (h *Host) Send(t protocol.Type, stream uint8, payload []byte) {
	h.T.Helper()
	h.Raw(protocol.AppendFrame(nil, protocol.Frame{Type: t, Stream: stream, Payload: payload}))
}

// Object sends a frame with JSON in it.
func (h *Host) Object(t protocol.Type, v any) {
	h.T.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		h.T.Fatal(err)
	}
	h.Send(t, 0, b)
}

// Frame reads the next frame. CREDIT is counted and passed over.
func (h *Host) Frame() protocol.Frame {
	h.T.Helper()
	if len(h.early) > 0 {
		f := h.early[0]
		h.early = h.early[1:]
		return f
	}
	for {
		if f := h.read(); f.Type != protocol.Credit {
			return f
		}
	}
}

func (h *Host) read() protocol.Frame {
	h.T.Helper()
	var head [protocol.HeaderSize]byte
	if _, err := io.ReadFull(h.Conn, head[:]); err != nil {
		h.T.Fatalf("no frame came: %v", err)
	}
	f := protocol.Frame{Type: protocol.Type(head[0]), Stream: head[1]}
	f.Payload = make([]byte, binary.BigEndian.Uint32(head[4:]))
	if _, err := io.ReadFull(h.Conn, f.Payload); err != nil {
		h.T.Fatalf("a frame broke off: %v", err)
	}
	if f.Type == protocol.Credit {
		h.Credit += int(binary.BigEndian.Uint32(f.Payload))
	}
	return f
}

// Input sends stream 0, within the credit.
func (h *Host) Input(p string) {
	h.T.Helper()
	for len(p) > 0 {
		for h.Credit == 0 {
			if f := h.read(); f.Type != protocol.Credit {
				h.early = append(h.early, f)
			}
		}
		n := min(len(p), h.Credit, 32768)
		h.Send(protocol.Data, protocol.Stdin, []byte(p[:n]))
		h.Credit -= n
		p = p[n:]
	}
}

// Expect reads the next frame, which must be of the type given.
func (h *Host) Expect(t protocol.Type) protocol.Frame {
	h.T.Helper()
	f := h.Frame()
	if f.Type != t {
		h.T.Fatalf("got a frame of type 0x%02x (%q), want 0x%02x", uint8(f.Type), f.Payload, uint8(t))
	}
	return f
}

// Fails reads the next frame, which must be an ERROR with the code given.
func (h *Host) Fails(code string) {
	h.T.Helper()
	f := h.Expect(protocol.Error)
	var m protocol.Failure
	json.Unmarshal(f.Payload, &m)
	if m.Code != code {
		h.T.Fatalf("got the error %+v, want %s", m, code)
	}
}

// Until collects the data of a stream until it contains text.
func (h *Host) Until(stream uint8, text string) string {
	h.T.Helper()
	var out []byte
	for !bytes.Contains(out, []byte(text)) {
		f := h.Frame()
		switch {
		case f.Type == protocol.Data && f.Stream == stream:
			out = append(out, f.Payload...)
		case f.Type.Terminal():
			h.T.Fatalf("the operation ended (%s) after %q, before %q", f.Payload, out, text)
		}
	}
	return string(out)
}

// End collects all output until EXIT.
func (h *Host) End() (stdout, stderr string, exit protocol.ExitMessage) {
	h.T.Helper()
	out := map[uint8][]byte{}
	for {
		f := h.Frame()
		switch f.Type {
		case protocol.Data:
			out[f.Stream] = append(out[f.Stream], f.Payload...)
		case protocol.Exit:
			if err := json.Unmarshal(f.Payload, &exit); err != nil {
				h.T.Fatal(err)
			}
			return string(out[1]), string(out[2]), exit
		case protocol.Error:
			h.T.Fatalf("the operation failed: %s", f.Payload)
		}
	}
}
