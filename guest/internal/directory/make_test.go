package directory

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"mvm/guest/internal/config"
)

func TestADirectoryIsMadeWithItsModeAndItsOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	path := filepath.Join(t.TempDir(), "a/b")
	for range 2 { // the second time it is there already
		if err := Make(config.Directory{Path: path, Mode: "0700"}, "4711"); err != nil {
			t.Fatal(err)
		}
	}
	s, err := os.Stat(path)
	if err != nil || s.Mode().Perm() != 0o700 || s.Sys().(*syscall.Stat_t).Uid != 4711 {
		t.Fatal(s, err)
	}
	if s, _ := os.Stat(filepath.Dir(path)); s.Sys().(*syscall.Stat_t).Uid != 0 || s.Mode().Perm() != 0o755 {
		t.Fatal(s)
	}
}

func TestOnlyRootsLinksAreFollowed(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	base := t.TempDir()
	target := filepath.Join(base, "target")
	os.Mkdir(target, 0o755)
	link := filepath.Join(base, "link")
	os.Symlink(target, link)
	if err := Make(config.Directory{Path: link + "/in"}, "root"); err != nil {
		t.Fatal(err)
	}
	os.Lchown(link, 4711, 4711)
	err := Make(config.Directory{Path: link + "/more"}, "4711")
	if err == nil || !strings.Contains(err.Error(), "link") {
		t.Fatal(err)
	}
	if err := Make(config.Directory{Path: link}, "4711"); err == nil {
		t.Fatal("a user's link was followed")
	}
}

func TestWhatCannotBeIsSaid(t *testing.T) {
	for path, mode := range map[string]string{"relative": "", "/etc/passwd/x": "", filepath.Join(t.TempDir(), "x"): "999"} {
		if err := Make(config.Directory{Path: path, Mode: mode}, "root"); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := Make(config.Directory{Path: "/tmp/x"}, "no-such-user-here"); err == nil {
		t.Error("a user that does not exist got a directory")
	}
}
