//go:build !sealed

package main

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/console"
	"mvm/guest/internal/exec"
	"mvm/guest/internal/info"
)

// sealed: this agent lets nobody in. What the sealed one has instead of this file is in sealed.go.
const sealed = false

// access is what lets a host into the guest.
type access struct{ consoles *console.Manager }

func (b *booter) openAccess() {
	e := b.image.Entrypoint
	b.access.consoles = &console.Manager{Reaper: b.reaper, Entrypoint: console.Entrypoint{
		Argv: e.Argv, Env: b.image.Env, Accessible: b.image.Accessible && e.Kind == "shell",
	}}
}

// addAccess adds the operations that only accessible images have.
func (b *booter) addAccess(ops map[string]channel.Opener) {
	ops["console"] = b.access.consoles.Opener()
	if b.image.Accessible {
		ops["exec"] = exec.Opener(b.reaper, b.image.Env)
	}
}

func (a *access) hangUp() { a.consoles.HangUp() }

func (a *access) sessions() []info.Session { return a.consoles.Sessions() }
