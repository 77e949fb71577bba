// Package module loads kernel modules.
package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"golang.org/x/sys/unix"
)

// Dir is where the initrd has the modules, named NN-name.ko in the order in which they load.
const Dir = "/mvm/modules"

// List returns the modules' files in order. There need not be any.
func List(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".ko" {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	sort.Strings(files)
	return files, nil
}

// Load loads one module. One that is there already is fine.
func Load(file string) error {
	fd, err := unix.Open(file, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("the kernel module %s cannot be opened: %w", filepath.Base(file), err)
	}
	defer unix.Close(fd)
	if err := unix.FinitModule(fd, "", 0); err != nil && err != unix.EEXIST {
		return fmt.Errorf("the kernel module %s did not load: %w", filepath.Base(file), err)
	}
	return nil
}
