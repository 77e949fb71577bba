package protocol

import "bytes"

const (
	// KeySize is the length in bytes of the key that a boot's preambles begin with.
	KeySize = 32
	// NonceSize is the length in bytes of the nonce that follows the key.
	NonceSize = 16
)

// Listener is told what a Scanner finds.
type Listener interface {
	// Begin is called for every complete preamble. Whatever went on before is over.
	Begin(nonce [NonceSize]byte)
	// Interrupt is called where the key appears: the operation in progress is over.
	Interrupt()
	// Bytes is called with what follows a preamble. It is not called before the first one. p is valid
	// during the call only.
	Bytes(p []byte)
}

// Scanner finds preambles in all inbound bytes, in whatever pieces they come.
//
// Bytes are passed on at once, also where they might be the beginning of a key: to hold them back would
// stall an operation whose last byte happens to equal the key's first. A key split over two reads can
// therefore reach the decoder in part; the operation that gets it ends with the rest of the key.
type Scanner struct {
	key   [KeySize]byte
	tail  []byte // the last bytes seen since the last key, fewer than KeySize
	nonce []byte
	state scannerState
}

type scannerState uint8

const (
	noPreamble scannerState = iota
	inNonce
	afterPreamble
)

// NewScanner makes a scanner for a boot's key.
func NewScanner(key [KeySize]byte) *Scanner {
	return &Scanner{key: key, tail: make([]byte, 0, 2*KeySize), nonce: make([]byte, 0, NonceSize)}
}

// Feed scans p and tells l what is in it.
func (s *Scanner) Feed(p []byte, l Listener) {
	for len(p) > 0 {
		end := s.find(p)
		if end < 0 {
			s.pass(p, l)
			s.remember(p)
			return
		}
		if before := end - KeySize; before > 0 {
			s.pass(p[:before], l)
		}
		l.Interrupt()
		s.state, s.nonce, s.tail = inNonce, s.nonce[:0], s.tail[:0]
		p = p[end:]
	}
}

// find returns where in p the first key ends (it may have begun in earlier bytes), or -1.
func (s *Scanner) find(p []byte) int {
	if len(s.tail) > 0 {
		var joint [2*KeySize - 2]byte
		n := copy(joint[:], s.tail)
		n += copy(joint[n:], p[:min(len(p), KeySize-1)])
		if i := bytes.Index(joint[:n], s.key[:]); i >= 0 {
			return i + KeySize - len(s.tail)
		}
	}
	if i := bytes.Index(p, s.key[:]); i >= 0 {
		return i + KeySize
	}
	return -1
}

func (s *Scanner) remember(p []byte) {
	if len(p) >= KeySize-1 {
		s.tail = append(s.tail[:0], p[len(p)-(KeySize-1):]...)
		return
	}
	s.tail = append(s.tail, p...)
	if over := len(s.tail) - (KeySize - 1); over > 0 {
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
