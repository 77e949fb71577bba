package channel

import (
	"crypto/subtle"
	"time"

	"mvm/guest/internal/protocol"
)

// hail is the beginning of a conversation: each side shows that it has the key before the other says anything.
type hail struct {
	want     [protocol.ProofSize]byte
	got      []byte
	answered time.Time // before the answer left: what the host says of its clock, it says later
}

// answer makes what the guest answers to the host's nonce: its proof, and the nonce that the host is to prove itself by.
func (h *hail) answer(s *Server, host [protocol.NonceSize]byte) []byte {
	h.answered = time.Now()
	stopping := s.Stopping != nil && s.Stopping()
	proof, nonce := s.Key.GuestProof(host, stopping), s.Key.GuestNonce(s.openings.Add(1))
	h.want = s.Key.HostProof(host, nonce)
	return append(proof[:], nonce[:]...)
}

// check takes the host's proof from what it sends, and returns what is left of p. proven is false where the proof is
// wrong; one that is not complete yet may still be right.
func (h *hail) check(p []byte) (rest []byte, proven bool) {
	n := min(protocol.ProofSize-len(h.got), len(p))
	if n == 0 {
		return p, true
	}
	h.got = append(h.got, p[:n]...)
	if len(h.got) < protocol.ProofSize {
		return nil, true
	}
	return p[n:], subtle.ConstantTimeCompare(h.got, h.want[:]) == 1
}
