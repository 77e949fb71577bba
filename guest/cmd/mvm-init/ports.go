package main

import (
	"fmt"
	"strconv"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/forward"
	"mvm/guest/internal/info"
	"mvm/guest/internal/system"
	"mvm/guest/internal/virtio"
)

const eventPort = "mvm.event"

func poolPort(i int) string { return "mvm." + strconv.Itoa(i) }

// ports are those that a boot waits for.
type ports struct {
	first *virtio.Port // of the pool
	done  chan error
}

// findPorts opens the event port, which is served at once, and the pool's first, so that a ready guest has one. Under
// emulation each takes several milliseconds: the others follow when the guest is ready.
func (b *booter) findPorts() *ports {
	names := []string{eventPort, poolPort(0)}
	p := &ports{done: make(chan error, 1)}
	go func() {
		p.done <- b.find(names, func(name string, port *virtio.Port) {
			if name == eventPort {
				b.serve(port, name, b.server(map[string]channel.Opener{"boot": b.journal.Opener()}))
			} else {
				p.first = port
			}
		})
	}()
	return p
}

// find hands over ports, each as soon as it is open.
func (b *booter) find(names []string, found func(name string, port *virtio.Port)) error {
	if b.opened == nil {
		finder := virtio.Finder{Events: b.events}
		return finder.Find(names, deviceWait, found)
	}
	for _, name := range names {
		port, ok := b.opened[name]
		if !ok {
			return fmt.Errorf("the template has no port %s", name)
		}
		found(name, port)
	}
	return nil
}

// wait waits until they are open.
func (p *ports) wait() error { return <-p.done }

// operations is what the pool's ports offer, now that there is a root for it.
func (b *booter) operations() map[string]channel.Opener {
	ops := map[string]channel.Opener{
		"info":       info.Opener(info.Source{Agent: version, Sessions: b.access.sessions}),
		"shutdown":   b.machine.Opener(),
		"services":   b.supervisor.Opener(),
		"logs":       b.logs.Opener(),
		"entrypoint": b.program.Opener(),
		"streams":    forward.Opener(b.targets()),
	}
	b.addAccess(ops)
	return ops
}

// serveOthers serves the rest of the pool, each port as it appears.
func (b *booter) serveOthers(ops map[string]channel.Opener) {
	var names []string
	for i := 1; i < b.vm.Ports; i++ {
		names = append(names, poolPort(i))
	}
	err := b.find(names, func(name string, port *virtio.Port) { b.serve(port, name, b.poolServer(ops)) })
	if err != nil {
		say("%v", err)
	}
}

func (b *booter) server(ops map[string]channel.Opener) *channel.Server {
	key, _ := b.vm.ChannelKey() // checked when it was read
	return &channel.Server{Key: key, Agent: version, Ops: ops, Log: say, Clock: followClock}
}

// poolServer is for a machine that can be shut down already.
func (b *booter) poolServer(ops map[string]channel.Opener) *channel.Server {
	s := b.server(ops)
	s.Stopping, s.Watch = b.machine.Stopping, b.watchPorts()
	return s
}

func (b *booter) serve(port *virtio.Port, name string, s *channel.Server) {
	go func() {
		if err := s.Serve(port); err != nil {
			say("%s: %v", name, err)
		}
	}()
}

func followClock(host, after, before time.Time) {
	if err := system.FollowClock(host, after, before); err != nil {
		say("the clock could not be set: %v", err)
	}
}
