package sshd

import (
	"errors"
	"net"
	"os"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// listener hands what connects to it to the client.
type listener struct {
	each []net.Listener
	once sync.Once
	// clean removes what is left of it.
	clean func()
}

func (l *listener) close() {
	l.once.Do(func() {
		for _, one := range l.each {
			one.Close()
		}
		if l.clean != nil {
			l.clean()
		}
	})
}

// accept offers each connection to the client as a channel of this kind.
func (c *connection) accept(l *listener, kind string, extra func(net.Conn) []byte) {
	for _, one := range l.each {
		go func() {
			for {
				conn, err := one.Accept()
				if err != nil {
					return
				}
				go c.offer(conn.(halfCloser), kind, extra(conn))
			}
		}()
	}
}

func (c *connection) offer(conn halfCloser, kind string, extra []byte) {
	channel, requests, err := c.ssh.OpenChannel(kind, extra)
	if err != nil {
		conn.Close()
		return
	}
	go ssh.DiscardRequests(requests)
	join(channel, conn)
}

// keep registers a listener by what it was asked for as. False where the client is gone, or has one like it.
func (c *connection) keep(key string, l *listener) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners == nil || c.listeners[key] != nil {
		l.close()
		return false
	}
	c.listeners[key] = l
	return true
}

func (c *connection) leave(key string) bool {
	c.mu.Lock()
	l := c.listeners[key]
	delete(c.listeners, key)
	c.mu.Unlock()
	if l == nil {
		return false
	}
	l.close()
	return true
}

func (c *connection) closeListeners() {
	c.mu.Lock()
	all := c.listeners
	c.listeners = nil
	c.mu.Unlock()
	for _, l := range all {
		l.close()
	}
}

type portMessage struct {
	Host string
	Port uint32
}

// listenOnPort is ssh -R with a port; 0: one that is free, which is the reply.
func (c *connection) listenOnPort(payload []byte) (reply []byte, ok bool) {
	var m portMessage
	if ssh.Unmarshal(payload, &m) != nil {
		return nil, false
	}
	l, port, err := listenTCP(m.Host, int(m.Port))
	if err != nil {
		return nil, false
	}
	if !c.keep(portKey(m.Host, port), l) {
		return nil, false
	}
	c.accept(l, "forwarded-tcpip", func(conn net.Conn) []byte {
		from, _ := conn.RemoteAddr().(*net.TCPAddr)
		return ssh.Marshal(struct {
			Host       string
			Port       uint32
			OriginHost string
			OriginPort uint32
		}{m.Host, uint32(port), from.IP.String(), uint32(from.Port)})
	})
	if m.Port == 0 {
		reply = ssh.Marshal(struct{ Port uint32 }{uint32(port)})
	}
	return reply, true
}

func (c *connection) leavePort(payload []byte) bool {
	var m portMessage
	return ssh.Unmarshal(payload, &m) == nil && c.leave(portKey(m.Host, int(m.Port)))
}

func portKey(host string, port int) string {
	return "tcp " + net.JoinHostPort(host, strconv.Itoa(port))
}

// listenTCP listens on the loopback, both of it where there is IPv6, or where the client says.
func listenTCP(host string, port int) (*listener, int, error) {
	addresses := []string{host}
	switch host {
	case "", "localhost":
		addresses = []string{"127.0.0.1", "::1"}
	case "*":
		addresses = []string{""}
	}
	l := &listener{}
	for _, address := range addresses {
		one, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil && len(l.each) == 0 {
			return nil, 0, err
		}
		if err != nil {
			continue
		}
		l.each = append(l.each, one)
		port = one.Addr().(*net.TCPAddr).Port
	}
	return l, port, nil
}

type socketMessage struct{ Path string }

// listenOnSocket is ssh -R with a path.
func (c *connection) listenOnSocket(payload []byte) bool {
	var m socketMessage
	if ssh.Unmarshal(payload, &m) != nil {
		return false
	}
	l, err := c.listenUnix(m.Path)
	if err != nil || !c.keep("unix "+m.Path, l) {
		return false
	}
	c.accept(l, "forwarded-streamlocal@openssh.com", func(net.Conn) []byte {
		return ssh.Marshal(struct{ Path, Reserved string }{m.Path, ""})
	})
	return true
}

func (c *connection) leaveSocket(payload []byte) bool {
	var m socketMessage
	return ssh.Unmarshal(payload, &m) == nil && c.leave("unix "+m.Path)
}

// listenUnix makes a socket that is the user's alone. One that nobody listens on any more is replaced.
func (c *connection) listenUnix(path string) (*listener, error) {
	one, err := net.Listen("unix", path)
	if errors.Is(err, unix.EADDRINUSE) {
		if conn, dead := net.Dial("unix", path); dead == nil {
			conn.Close()
			return nil, err
		} else if !errors.Is(dead, unix.ECONNREFUSED) || os.Remove(path) != nil {
			return nil, err
		}
		one, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, err
	}
	_ = os.Chmod(path, 0o600)
	_ = os.Chown(path, int(c.user.UID), int(c.user.GID))
	return &listener{each: []net.Listener{one}}, nil
}
