package protocol

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

const (
	// KeySize is the length in bytes of a boot's key. The key itself is never sent.
	KeySize = 32
	// MarkSize is the length in bytes of the mark that an operation's bytes begin with.
	MarkSize = 16
	// NonceSize is the length in bytes of each side's nonce.
	NonceSize = 16
	// ProofSize is the length in bytes of a proof.
	ProofSize = sha256.Size
)

// Key is the secret of one boot.
type Key [KeySize]byte

func (k *Key) mac(parts ...[]byte) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, k[:])
	for _, p := range parts {
		h.Write(p)
	}
	h.Sum(sum[:0])
	return sum
}

// Mark is what the host's bytes of every operation begin with.
func (k *Key) Mark() [MarkSize]byte {
	sum := k.mac([]byte("mvm mark"))
	return [MarkSize]byte(sum[:MarkSize])
}

// GuestProof shows the host that made the nonce that the guest has the key, and whether the machine is on its way to
// power off.
func (k *Key) GuestProof(host [NonceSize]byte, stopping bool) [ProofSize]byte {
	if stopping {
		return k.mac([]byte("mvm stopping"), host[:])
	}
	return k.mac([]byte("mvm guest"), host[:])
}

// HostProof shows the guest that the host has the key.
func (k *Key) HostProof(host, guest [NonceSize]byte) [ProofSize]byte {
	return k.mac([]byte("mvm host"), host[:], guest[:])
}

// GuestNonce makes the nth nonce of this boot. It needs no randomness of the kernel, which a guest that has just
// started would wait for: without the key it cannot be foreseen, and n makes it new.
func (k *Key) GuestNonce(n uint64) [NonceSize]byte {
	sum := k.mac([]byte("mvm nonce"), binary.BigEndian.AppendUint64(nil, n))
	return [NonceSize]byte(sum[:NonceSize])
}

// Listener receives what a Scanner finds.
type Listener interface {
	// Begin is called for every complete preamble. Whatever went on before is over.
	Begin(nonce [NonceSize]byte)
	// Interrupt is called where the mark appears: the operation in progress is over.
	Interrupt()
	// Bytes is called with what follows a preamble. It is not called before the first one. p is valid
	// during the call only.
	Bytes(p []byte)
}

// Scanner finds preambles in all inbound bytes, in whatever pieces they come.
//
// Bytes are passed on at once, also where they might be the beginning of a mark: to hold them back would
// stall an operation whose last byte happens to equal the mark's first. A mark split over two reads can
// therefore reach the decoder in part; the operation that gets it ends with the rest of the mark.
type Scanner struct {
	mark  [MarkSize]byte
	tail  []byte // the last bytes seen since the last mark, fewer than MarkSize
	nonce []byte
	state scannerState
}

type scannerState uint8

const (
	noPreamble scannerState = iota
	inNonce
	afterPreamble
)

// NewScanner makes a scanner for a boot's mark.
func NewScanner(mark [MarkSize]byte) *Scanner {
	return &Scanner{mark: mark, tail: make([]byte, 0, 2*MarkSize), nonce: make([]byte, 0, NonceSize)}
}

// Feed scans p and reports to l what is in it.
func (s *Scanner) Feed(p []byte, l Listener) {
	for len(p) > 0 {
		end := s.find(p)
		if end < 0 {
			s.pass(p, l)
			s.remember(p)
			return
		}
		if before := end - MarkSize; before > 0 {
			s.pass(p[:before], l)
		}
		l.Interrupt()
		s.state, s.nonce, s.tail = inNonce, s.nonce[:0], s.tail[:0]
		p = p[end:]
	}
}

// find returns where in p the first mark ends (it may have begun in earlier bytes), or -1.
func (s *Scanner) find(p []byte) int {
	if len(s.tail) > 0 {
		var joint [2*MarkSize - 2]byte
		n := copy(joint[:], s.tail)
		n += copy(joint[n:], p[:min(len(p), MarkSize-1)])
		if i := bytes.Index(joint[:n], s.mark[:]); i >= 0 {
			return i + MarkSize - len(s.tail)
		}
	}
	if i := bytes.Index(p, s.mark[:]); i >= 0 {
		return i + MarkSize
	}
	return -1
}

func (s *Scanner) remember(p []byte) {
	if len(p) >= MarkSize-1 {
		s.tail = append(s.tail[:0], p[len(p)-(MarkSize-1):]...)
		return
	}
	s.tail = append(s.tail, p...)
	if over := len(s.tail) - (MarkSize - 1); over > 0 {
		s.tail = s.tail[:copy(s.tail, s.tail[over:])]
	}
}

func (s *Scanner) pass(p []byte, l Listener) {
	if s.state == inNonce {
		n := min(NonceSize-len(s.nonce), len(p))
		s.nonce = append(s.nonce, p[:n]...)
		p = p[n:]
		if len(s.nonce) == NonceSize {
			s.state = afterPreamble
			l.Begin([NonceSize]byte(s.nonce))
		}
	}
	if s.state == afterPreamble && len(p) > 0 {
		l.Bytes(p)
	}
}

// Forget returns to looking for a preamble: what comes until then is dropped.
func (s *Scanner) Forget() {
	s.state, s.tail = noPreamble, s.tail[:0]
}
