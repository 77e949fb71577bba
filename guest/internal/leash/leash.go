// Package leash ends a machine that was made for one command, once nobody uses it: its host may have been killed.
package leash

import (
	"sync"
	"time"

	"mvm/guest/internal/channel"
)

// Leash counts the operations that use a machine.
type Leash struct {
	after time.Duration
	end   func()

	mu    sync.Mutex
	users int
	timer *time.Timer
}

// New ends the machine after first without a user, and from the first user on after a pause of after.
func New(first, after time.Duration, end func()) *Leash {
	return &Leash{after: after, end: end, timer: time.AfterFunc(first, end)}
}

// Opener makes operations that use the machine while they run.
func (l *Leash) Opener(open channel.Opener) channel.Opener {
	return func(p []byte) (channel.Operation, error) {
		operation, err := open(p)
		if err != nil {
			return nil, err
		}
		return &user{operation, l}, nil
	}
}

type user struct {
	channel.Operation
	leash *Leash
}

// Run implements channel.Operation.
func (u *user) Run(out *channel.Sender) {
	u.leash.enter()
	defer u.leash.leave()
	u.Operation.Run(out)
}

func (l *Leash) enter() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.users++
	l.timer.Stop()
}

func (l *Leash) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users--; l.users == 0 {
		l.timer = time.AfterFunc(l.after, l.end)
	}
}
