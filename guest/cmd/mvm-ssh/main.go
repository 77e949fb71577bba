// Command mvm-ssh is the SSH server of a guest. The agent starts it when a host has handed it in, and says over the socket on
// descriptor 0 how it is configured and which connections there are. Nothing reaches it by a name or a port.
package main

import (
	"fmt"
	"os"

	"mvm/guest/internal/process"
	"mvm/guest/internal/sshd"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintf(os.Stderr, "mvm-ssh: %v\n", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) == 2 && os.Args[1] == sshd.SFTP {
		return sshd.ServeFiles()
	}
	// Its file has no name that would tell what it is.
	_ = os.WriteFile("/proc/self/comm", []byte("mvm-ssh"), 0)
	agent, err := openControl()
	if err != nil {
		return err
	}
	config, err := agent.config()
	if err != nil {
		return fmt.Errorf("reading the configuration: %w", err)
	}
	server, err := sshd.New(config, process.NewReaper())
	if err != nil {
		return err
	}
	return agent.connections(server)
}
