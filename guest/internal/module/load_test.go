package module

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// loadWith loads a file where the kernel answers one after the other of the errors, and returns how many it gave.
func loadWith(t *testing.T, answers ...error) (int, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "00-virtio_blk.ko")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	kernel := finitModule
	t.Cleanup(func() { finitModule = kernel })
	asked := 0
	finitModule = func(int) error {
		asked++
		return answers[asked-1]
	}
	return asked, Load(file)
}

func TestAnInterruptedWaitForAModuleIsNoFailure(t *testing.T) {
	if _, err := loadWith(t, unix.EINTR, unix.EINTR, unix.EINTR, unix.EEXIST); err != nil {
		t.Fatal(err)
	}
	if _, err := loadWith(t, unix.EINTR, nil); err != nil {
		t.Fatal(err)
	}
}

func TestWhatAnotherFailedToLoadIsTriedOnce(t *testing.T) {
	for _, theirs := range []error{unix.EBUSY, unix.ENOMEM} {
		if _, err := loadWith(t, theirs, unix.EINTR, nil); err != nil {
			t.Fatal(err)
		}
	}
	_, err := loadWith(t, unix.EBUSY, unix.ENOEXEC)
	if !errors.Is(err, unix.ENOEXEC) {
		t.Fatalf("the error is %v, not that of its own attempt", err)
	}
}
