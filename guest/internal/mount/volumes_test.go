package mount

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAVolumeIsMadeOnceWithTheModeOfTheImagesFolder(t *testing.T) {
	root, model := t.TempDir(), t.TempDir()
	fd, err := unix.Open(root, unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	d := &Disk{fd}
	os.Chmod(model, 0o750|os.ModeSticky)
	// What a machine that lost its power in between left.
	os.MkdirAll(filepath.Join(root, "volumes", "%2Fdata.new"), 0o700)
	if err := d.makeVolume("volumes/%2Fdata", model); err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(root, "volumes", "%2Fdata")
	if s, err := os.Stat(made); err != nil || s.Mode() != os.ModeDir|os.ModeSticky|0o750 {
		t.Fatal(s, err)
	}
	os.WriteFile(filepath.Join(made, "kept"), nil, 0o600)
	os.Chmod(made, 0o700)
	if err := d.makeVolume("volumes/%2Fdata", model); err != nil {
		t.Fatal(err)
	}
	if s, err := os.Stat(made); err != nil || s.Mode() != os.ModeDir|0o700 {
		t.Fatal("its owner's mode was lost", s, err)
	}
	os.Remove(filepath.Join(made, "kept"))
	os.Remove(made)
	os.WriteFile(made, nil, 0o600)
	if d.makeVolume("volumes/%2Fdata", model) == nil {
		t.Fatal("a file was taken for a volume")
	}
}

func TestOnlyAPlainAbsolutePathIsAVolume(t *testing.T) {
	for _, p := range []string{"", "/", "data", "/a/../b", "/a/"} {
		if (&Disk{-1}).volume(p, false) == nil {
			t.Errorf("%q was taken", p)
		}
	}
}

func TestAVolumesFolderIsNamedAsInUrls(t *testing.T) {
	for path, want := range map[string]string{
		"/var/lib/postgresql": "%2Fvar%2Flib%2Fpostgresql",
		"/srv/a b%c/ü@1":      "%2Fsrv%2Fa%20b%25c%2F%C3%BC@1",
	} {
		if got := folderName(path); got != want || got != url.PathEscape(path) {
			t.Errorf("%s: %s", path, got)
		}
	}
}
