// Package sshd is the SSH server that a host hands into its guest. It is part of a program of its own (cmd/mvm-ssh): what it
// is made of must not make the agent larger.
package sshd

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"time"

	"mvm/guest/internal/process"

	"golang.org/x/crypto/ssh"
)

// Config is what the server is told when it starts.
type Config struct {
	// HostKey is the seed of the server's Ed25519 key, and UserKey the public key of whoever may log in; 32 bytes each.
	HostKey []byte `json:"hostKey"`
	UserKey []byte `json:"userKey"`
	// Env is what every process gets, as those of `exec` do.
	Env map[string]string `json:"env"`
	// Shell is what root's sessions without a command run; empty: root's shell according to /etc/passwd.
	Shell []string `json:"shell"`
}

// loginGrace is how long a client may take to log in.
const loginGrace = 2 * time.Minute

// Server serves connections.
type Server struct {
	config Config
	ssh    *ssh.ServerConfig
	reaper *process.Reaper
}

// New makes a server. The reaper collects the ends of what its sessions start.
func New(c Config, r *process.Reaper) (*Server, error) {
	if len(c.HostKey) != ed25519.SeedSize || len(c.UserKey) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("the keys have %d and %d bytes", len(c.HostKey), len(c.UserKey))
	}
	host, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(c.HostKey))
	if err != nil {
		return nil, err
	}
	allowed, err := ssh.NewPublicKey(ed25519.PublicKey(c.UserKey))
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, reaper: r, ssh: &ssh.ServerConfig{
		ServerVersion: "SSH-2.0-mvm",
		PublicKeyCallback: func(who ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !bytes.Equal(key.Marshal(), allowed.Marshal()) {
				return nil, fmt.Errorf("another key")
			}
			if _, failure := process.FindUser(who.User()); failure != nil {
				return nil, failure
			}
			return nil, nil
		},
	}}
	s.ssh.AddHostKey(host)
	return s, nil
}
