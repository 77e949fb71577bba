// Package module loads kernel modules.
package module

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"mvm/guest/internal/restart"

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

// finitModule is the kernel's, but in tests.
var finitModule = func(fd int) error { return unix.FinitModule(fd, "", 0) }

// Load loads one module. One that is there already is fine.
//
// The kernel's answer may be about another attempt. A request for a file that is already being loaded waits for that and
// gets its outcome (idempotent_init_module), EINTR where a signal ends the wait; and EBUSY says that a module of that name
// was being loaded and failed (module_patient_check_exists). So what fails is tried a second time, by oneself: that says
// why, or works.
func Load(file string) error {
	fd, err := restart.Open(file, unix.O_RDONLY|unix.O_CLOEXEC)
	if err != nil {
		return fmt.Errorf("the kernel module %s cannot be opened: %w", filepath.Base(file), err)
	}
	defer unix.Close(fd)
	if err = load(fd); err != nil {
		err = load(fd)
	}
	if err != nil {
		return fmt.Errorf("the kernel module %s did not load: %w", filepath.Base(file), err)
	}
	return nil
}

func load(fd int) error {
	err := restart.Call(func() error { return finitModule(fd) })
	if err == unix.EEXIST {
		return nil
	}
	return err
}
