//go:build sealed

package main

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/info"
)

// sealed: this agent allows no access. The code of exec and console is not in it.
const sealed = true

type access struct{}

func (b *booter) openAccess() {}

func (b *booter) addAccess(map[string]channel.Opener) {}

func (a *access) hangUp() {}

func (a *access) sessions() []info.Session { return []info.Session{} }

// reachable are the ports that a host may connect to: those that the image declares.
func (b *booter) reachable() func(port int) bool { return b.image.Declares }
