package sshd

import (
	"io"
	"os"

	"github.com/pkg/sftp"
)

// SFTP is the argument with which the program serves files on its standard input and output, as the user that it runs as.
const SFTP = "sftp"

type stdio struct {
	io.Reader
	io.WriteCloser
}

// ServeFiles serves files until the input ends.
func ServeFiles() error {
	s, err := sftp.NewServer(stdio{os.Stdin, os.Stdout})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Serve(); err != nil && err != io.EOF {
		return err
	}
	return nil
}
