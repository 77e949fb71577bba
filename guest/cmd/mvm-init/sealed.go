//go:build sealed

package main

import (
	"mvm/guest/internal/channel"
	"mvm/guest/internal/forward"
	"mvm/guest/internal/info"
)

// sealed: this agent allows no access. The code of exec and console is not in it.
const sealed = true

type access struct{}

func (b *booter) openAccess() {}

func (b *booter) addAccess(map[string]channel.Opener) {}

func (a *access) hangUp() {}

func (a *access) unmount() {}

func (a *access) sessions() []info.Session { return []info.Session{} }

func (b *booter) takeFiles() {}

func (b *booter) watchPorts() func(*channel.Sender) func(bool) { return nil }

// targets are what a host's streams reach: the ports that the image declares.
func (b *booter) targets() forward.Targets { return forward.Targets{Allowed: b.image.Declares} }
