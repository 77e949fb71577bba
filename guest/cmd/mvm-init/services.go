package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"mvm/guest/internal/cgroup"
	"mvm/guest/internal/config"
	"mvm/guest/internal/directory"
	"mvm/guest/internal/entrypoint"
	"mvm/guest/internal/health"
	"mvm/guest/internal/inotify"
	"mvm/guest/internal/logs"
	"mvm/guest/internal/probe"
	"mvm/guest/internal/process"
	"mvm/guest/internal/shutdown"
	"mvm/guest/internal/supervise"
)

// services is what the image declares to run.
type services struct {
	logs       *logs.Book
	supervisor *supervise.Supervisor
	program    *entrypoint.Program
	checks     *health.Checks
}

// prepareServices makes everything that startServices starts.
func (b *booter) prepareServices() error {
	for _, d := range b.image.Directories {
		if err := directory.Make(d, "root"); err != nil {
			say("%v", err)
		}
	}
	events, err := inotify.New()
	if err != nil {
		return err
	}
	program, err := entrypoint.New(b.image.Entrypoint.Kind)
	if err != nil {
		return fmt.Errorf("keeping the entrypoint's output: %w", err)
	}
	s := &b.services
	s.logs, s.program = &logs.Book{}, program
	o := supervise.Options{
		Image: b.image, Env: b.vm.Env, Reaper: b.reaper, Logs: s.logs, Events: events, Output: program.Output(), Say: say,
		Health: func() any { return s.checks.State() },
	}
	if tree, ok := cgroup.Open(cgroup.Root, events); ok {
		o.Groups = &tree
	}
	s.supervisor = supervise.New(o)
	s.checks = health.New(b.image.HealthChecks, b.prober, s.supervisor.Tell)
	return nil
}

// startServices starts the services, the entrypoint's program and the health checks.
func (b *booter) startServices() {
	s := &b.services
	s.supervisor.Start()
	s.program.Attend, s.logs.Machine = b.machine.Attend, b.machine
	s.program.Watch(s.supervisor, s.logs, say, b.entrypointEnded)
	s.checks.Start(context.Background())
}

// hostPatience is how long an entrypoint that has ended waits for the host that its VM was started for.
const hostPatience = 10 * time.Second

// entrypointEnded ends the VM with its entrypoint, unless it is a VM to work in.
func (b *booter) entrypointEnded() {
	if b.vm.StaysOn && !sealed {
		return
	}
	if b.vm.Attended {
		b.services.program.AwaitHost(hostPatience)
	}
	b.machine.Begin(shutdown.DefaultTimeout)
}

// environment is what entrypoint, console and checks get.
func (b *booter) environment() map[string]string {
	env := maps.Clone(b.image.Env)
	if env == nil {
		env = map[string]string{}
	}
	maps.Copy(env, b.vm.Env)
	return env
}

// prober makes a health check's question. A command runs as the user of the service of that name, else as
// the entrypoint's.
func (b *booter) prober(name string, c config.HealthCheck) probe.Prober {
	if len(c.Command) == 0 {
		return probe.Port(c.Port)
	}
	user := b.image.Entrypoint.User
	if s, ok := b.image.Services[name]; ok {
		user = s.User
	}
	return probe.Command(b.reaper, process.Command{
		Argv: c.Command, Env: []map[string]string{b.environment()}, User: user, Confined: true,
	})
}
