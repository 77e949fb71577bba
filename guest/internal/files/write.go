// Package files writes what the host gives a machine along with its configuration.
package files

import (
	"os"
	"path/filepath"
	"strings"

	"mvm/guest/internal/config"
)

// Write writes the files as root's. A path that begins with ~/ is below home. What fails is said, and the rest is written.
func Write(files []config.File, home string, say func(format string, args ...any)) {
	for _, f := range files {
		path := f.Path
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = filepath.Join(home, rest)
		}
		if err := write(path, os.FileMode(f.Mode)&0o777, f.Data); err != nil {
			say("a file of the host: %v", err)
		}
	}
}

// write replaces what is there by one step, a link too: whoever reads it finds one or the other.
func write(path string, mode os.FileMode, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temporary := path + ".mvm-new"
	_ = os.Remove(temporary)
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	if failed := f.Close(); err == nil {
		err = failed
	}
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		_ = os.Remove(temporary)
	}
	return err
}
