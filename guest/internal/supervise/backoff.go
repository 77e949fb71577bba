package supervise

import "time"

const (
	firstPause = 100 * time.Millisecond
	lastPause  = 30 * time.Second
	// quiet is how long a process must have run for its end to count as the first one.
	quiet = 10 * time.Second
)

// backoff gives the pauses between starts.
type backoff struct{ last time.Duration }

// after is the pause after a run of the length given: each is twice the one before.
func (b *backoff) after(ran time.Duration) time.Duration {
	if ran >= quiet || b.last == 0 {
		b.last = firstPause
	} else {
		b.last = min(2*b.last, lastPause)
	}
	return b.last
}
