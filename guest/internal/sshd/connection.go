package sshd

import (
	"net"
	"sync"
	"time"

	"mvm/guest/internal/process"

	"golang.org/x/crypto/ssh"
)

// connection is one client.
type connection struct {
	server *Server
	ssh    *ssh.ServerConn
	user   process.User
	// ended is closed when the client is gone: what belongs to it ends then.
	ended chan struct{}

	mu        sync.Mutex
	listeners map[string]*listener // of remote forwards
	waits     sync.WaitGroup
}

// Serve serves a client until it is gone and what it started has been told so.
func (s *Server) Serve(conn net.Conn) {
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(loginGrace))
	client, channels, requests, err := ssh.NewServerConn(conn, s.ssh)
	if err != nil {
		return
	}
	_ = conn.SetDeadline(time.Time{})
	user, failure := process.FindUser(client.User())
	if failure != nil {
		return
	}
	c := &connection{server: s, ssh: client, user: user, ended: make(chan struct{}), listeners: map[string]*listener{}}
	go c.answer(requests)
	for offered := range channels {
		c.open(offered)
	}
	close(c.ended)
	c.closeListeners()
	c.waits.Wait()
}

func (c *connection) open(offered ssh.NewChannel) {
	serve := map[string]func(ssh.NewChannel){
		"session":                        c.session,
		"direct-tcpip":                   c.toPort,
		"direct-streamlocal@openssh.com": c.toSocket,
	}[offered.ChannelType()]
	if serve == nil {
		_ = offered.Reject(ssh.UnknownChannelType, "there is no "+offered.ChannelType())
		return
	}
	c.waits.Add(1)
	go func() {
		defer c.waits.Done()
		serve(offered)
	}()
}

// answer answers what clients ask of the connection as a whole. What is unknown is refused, which is the answer that a
// client's keepalive@openssh.com expects.
func (c *connection) answer(requests <-chan *ssh.Request) {
	for r := range requests {
		var reply []byte
		ok := false
		switch r.Type {
		case "tcpip-forward":
			reply, ok = c.listenOnPort(r.Payload)
		case "cancel-tcpip-forward":
			ok = c.leavePort(r.Payload)
		case "streamlocal-forward@openssh.com":
			ok = c.listenOnSocket(r.Payload)
		case "cancel-streamlocal-forward@openssh.com":
			ok = c.leaveSocket(r.Payload)
		}
		if r.WantReply {
			_ = r.Reply(ok, reply)
		}
	}
}
