//go:build !sealed

package main

import (
	"maps"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/config"
	"mvm/guest/internal/console"
	"mvm/guest/internal/control"
	"mvm/guest/internal/exec"
	"mvm/guest/internal/files"
	"mvm/guest/internal/forward"
	"mvm/guest/internal/handin"
	"mvm/guest/internal/info"
	"mvm/guest/internal/leash"
	"mvm/guest/internal/lend"
	"mvm/guest/internal/listeners"
	"mvm/guest/internal/mux"
	"mvm/guest/internal/process"
	"mvm/guest/internal/reverse"
	"mvm/guest/internal/share"
	"mvm/guest/internal/transfer"
)

// sealed: this agent allows no access. What the sealed one has instead of this file is in sealed.go.
const sealed = false

// access is what lets a host into the guest.
type access struct {
	consoles *console.Manager
	ssh      *handin.Keeper
	shares   *share.Shares
}

func (b *booter) openAccess() {
	argv := b.image.Shell
	if e := b.image.Entrypoint; e.Kind == config.KindShell {
		argv = e.Argv
	}
	b.access.shares = &share.Shares{}
	b.reaper.WorkDir, b.reaper.Shared = b.access.shares.WorkDir, b.access.shares.Has
	b.access.ssh = &handin.Keeper{Reaper: b.reaper, Env: b.image.Env, Shell: argv}
	b.access.consoles = &console.Manager{Reaper: b.reaper, Entrypoint: console.Entrypoint{
		Argv: argv, Env: b.environment(), Accessible: b.image.Accessible,
	}}
}

// watchPorts is what a host that is at the machine hears of its ports.
func (b *booter) watchPorts() func(*channel.Sender) func(bool) {
	if !b.image.Accessible {
		return nil
	}
	return func(out *channel.Sender) func(bool) { return listeners.Watch(out) }
}

// takeFiles writes what the host gives a machine that is worked in, and sets what belongs to it in the environment.
func (b *booter) takeFiles() {
	if !b.image.Accessible || len(b.vm.Files) == 0 {
		return
	}
	root, _ := process.FindUser("root")
	files.Write(b.vm.Files, root.Home, say)
	env := maps.Clone(b.vm.DefaultEnv)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, b.image.Env)
	b.image.Env = env
}

// addAccess adds the operations that only accessible images have.
func (b *booter) addAccess(ops map[string]channel.Opener) {
	ops["console"] = b.access.consoles.Opener()
	if b.image.Accessible {
		ops["exec"] = b.leashed(exec.Opener(b.reaper, b.image.Env))
		ops["copy"] = transfer.Opener()
		ops["ssh"] = b.access.ssh.Opener()
		ops["service"] = control.Opener(b.supervisor, b.logs)
	}
}

// How long a machine that was made for one command waits for it, and after it: for who else uses it.
const (
	leashFirst = 2 * time.Minute
	leashAfter = 2 * time.Second
)

func (b *booter) leashed(open channel.Opener) channel.Opener {
	if !b.vm.Throwaway {
		return open
	}
	return leash.New(leashFirst, leashAfter, func() { b.machine.Begin(0) }).Opener(open)
}

func (a *access) unmount() { a.shares.Close() }

func (a *access) hangUp() { a.consoles.HangUp() }

func (a *access) sessions() []info.Session { return a.consoles.Sessions() }

// targets are what a host's streams reach: whoever has a shell reaches each port, and may know which there are.
func (b *booter) targets() forward.Targets {
	if !b.image.Accessible {
		return forward.Targets{Allowed: b.image.Declares}
	}
	lender := &lend.Lender{Dir: "/run/mvm"}
	return forward.Targets{Reverse: &reverse.Ports{}, Others: map[string]func(*mux.Stream, []byte){
		"listeners": listeners.Serve, "ssh": b.access.ssh.Serve, "agent": lender.Serve,
		"share": b.access.shares.Serve,
	}}
}
