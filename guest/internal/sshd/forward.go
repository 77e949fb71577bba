package sshd

import (
	"io"
	"net"
	"strconv"

	"golang.org/x/crypto/ssh"
)

// toPort connects a client to a port that the guest reaches (ssh -L, -D, -W).
func (c *connection) toPort(offered ssh.NewChannel) {
	var m struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	if ssh.Unmarshal(offered.ExtraData(), &m) != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "no address")
		return
	}
	c.connect(offered, "tcp", net.JoinHostPort(m.Host, strconv.Itoa(int(m.Port))))
}

// toSocket connects a client to a Unix socket of the guest.
func (c *connection) toSocket(offered ssh.NewChannel) {
	var m struct {
		Path     string
		Reserved string
		Unused   uint32
	}
	if ssh.Unmarshal(offered.ExtraData(), &m) != nil {
		_ = offered.Reject(ssh.ConnectionFailed, "no path")
		return
	}
	c.connect(offered, "unix", m.Path)
}

func (c *connection) connect(offered ssh.NewChannel, network, address string) {
	conn, err := net.Dial(network, address)
	if err != nil {
		_ = offered.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	join(channel, conn.(halfCloser))
}

// halfCloser is a connection whose directions end each in its own time.
type halfCloser interface {
	net.Conn
	CloseWrite() error
}

// join copies both ways until both directions have ended.
func join(channel ssh.Channel, conn halfCloser) {
	defer conn.Close()
	defer channel.Close()
	in := make(chan struct{})
	go func() {
		defer close(in)
		if _, err := io.Copy(conn, channel); err != nil {
			// The program takes no more: nothing tells the client but the end.
			channel.Close()
		}
		_ = conn.CloseWrite()
	}()
	if _, err := io.Copy(channel, conn); err != nil {
		// The client is gone, or the program broke off.
		conn.Close()
		channel.Close()
	}
	_ = channel.CloseWrite()
	<-in
}
