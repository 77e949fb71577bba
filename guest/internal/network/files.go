package network

import (
	"bytes"
	"errors"
	"os"
	"strings"

	"mvm/guest/internal/config"
)

// mark is the first line of files that are ours to rewrite. Without it, a file is the user's and is kept.
const mark = "# Written by mvm at every boot. Remove this line to keep your own.\n"

// WriteFiles writes /etc/hostname, /etc/hosts and /etc/resolv.conf where there are none, or ours.
func WriteFiles(hostname string, c *config.Network) error {
	if err := os.MkdirAll("/etc", 0o755); err != nil {
		return err
	}
	hosts := "127.0.0.1\tlocalhost\n127.0.1.1\t" + hostname + "\n::1\tlocalhost ip6-localhost ip6-loopback\n"
	if err := write("/etc/hosts", hosts); err != nil {
		return err
	}
	if c != nil && len(c.DNS) > 0 {
		if err := write("/etc/resolv.conf", "nameserver "+strings.Join(c.DNS, "\nnameserver ")+"\n"); err != nil {
			return err
		}
	}
	// This file can have no mark; it has a single line.
	return writeLine("/etc/hostname", hostname)
}

// blank reports whether nothing was ever in a file. A power cut may leave the length of one that was just written, and
// zeros for its bytes.
func blank(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }

// write writes a file with the mark.
func write(file, text string) error { return put(file, mark+text) }

// writeLine writes a file without it.
func writeLine(file, text string) error { return put(file, text+"\n") }

// put writes a file where there is none, nothing in it, or one with the mark.
func put(file, text string) error {
	switch info, err := os.Lstat(file); {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return nil // a link is somebody's own
	default:
		old, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if string(old) == text || (!blank(old) && !strings.HasPrefix(string(old), mark)) {
			return nil
		}
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
