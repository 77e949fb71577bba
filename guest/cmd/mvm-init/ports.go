package main

import (
	"fmt"
	"strconv"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/info"
	"mvm/guest/internal/virtio"
)

const eventPort = "mvm.event"

// ports collects the pool's ports until they can be served.
type ports struct {
	pool []*virtio.Port
	done chan error
}

// findPorts opens all ports as they appear, and serves the event port at once.
func (b *booter) findPorts() *ports {
	names := []string{eventPort}
	for i := range b.vm.Ports {
		names = append(names, "mvm."+strconv.Itoa(i))
	}
	p := &ports{done: make(chan error, 1)}
	go func() {
		finder := virtio.Finder{Events: b.events}
		p.done <- finder.Find(names, deviceWait, func(name string, port *virtio.Port) {
			if name == eventPort {
				b.serve(port, name, map[string]channel.Opener{"boot": b.journal.Opener()})
			} else {
				p.pool = append(p.pool, port)
			}
		})
	}()
	return p
}

// wait waits until all ports are open.
func (p *ports) wait() error { return <-p.done }

// servePool serves the operations, now that there is a root for them.
func (b *booter) servePool() {
	ops := map[string]channel.Opener{
		"info":       info.Opener(version, b.access.sessions),
		"shutdown":   b.machine.Opener(),
		"services":   b.supervisor.Opener(),
		"logs":       b.logs.Opener(),
		"entrypoint": b.program.Opener(),
	}
	b.addAccess(ops)
	for i, port := range b.ports.pool {
		b.serve(port, fmt.Sprintf("pool port %d", i), ops)
	}
}

func (b *booter) serve(port *virtio.Port, name string, ops map[string]channel.Opener) {
	key, _ := b.vm.ChannelKey() // checked when it was read
	s := &channel.Server{Key: key, Agent: version, Ops: ops, Log: say}
	go func() {
		if err := s.Serve(port); err != nil {
			say("%s: %v", name, err)
		}
	}()
}
