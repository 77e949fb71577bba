package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"

	"mvm/guest/internal/sshd"

	"golang.org/x/sys/unix"
)

// mostConfig is the size of the largest configuration, in bytes: an environment may be large.
const mostConfig = 1 << 20

// control is the agent's line: messages that are whole, first the configuration as JSON, then a connection each, as a
// descriptor (SCM_RIGHTS) with one byte.
type control struct{ *net.UnixConn }

func openControl() (control, error) {
	conn, err := net.FileConn(os.Stdin)
	if err != nil {
		return control{}, err
	}
	line, ok := conn.(*net.UnixConn)
	if !ok {
		return control{}, errors.New("descriptor 0 is no Unix socket")
	}
	return control{line}, os.Stdin.Close()
}

func (c control) config() (config sshd.Config, err error) {
	text := make([]byte, mostConfig)
	n, err := c.Read(text)
	if err != nil {
		return config, err
	}
	return config, json.Unmarshal(text[:n], &config)
}

// connections serves them until the agent closes its end.
func (c control) connections(server *sshd.Server) error {
	rights := make([]byte, unix.CmsgSpace(4))
	for {
		n, size, _, _, err := c.ReadMsgUnix(make([]byte, 1), rights)
		if n == 0 || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if conn, err := connection(rights[:size]); err == nil {
			go server.Serve(conn)
		}
	}
}

func connection(rights []byte) (net.Conn, error) {
	messages, err := unix.ParseSocketControlMessage(rights)
	if err != nil || len(messages) != 1 {
		return nil, errors.New("a message without a connection")
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.New("a message without a connection")
	}
	file := os.NewFile(uintptr(fds[0]), "connection")
	defer file.Close()
	return net.FileConn(file)
}
