package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mvm/guest/internal/config"
)

func TestFilesAreWrittenWithTheirModesAndReplaceWhatIsThere(t *testing.T) {
	home := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	os.WriteFile(elsewhere, []byte("kept"), 0o644)
	os.Symlink(elsewhere, filepath.Join(home, ".gitconfig"))
	os.WriteFile(filepath.Join(home, "tool"), []byte("old"), 0o644)
	os.Mkdir(filepath.Join(home, "folder"), 0o755)
	var said []string
	Write([]config.File{
		{Path: "~/folder", Mode: 0o644, Data: []byte("x")},
		{Path: "~/.gitconfig", Mode: 0o600, Data: []byte("[user]")},
		{Path: "~/a/b/c", Mode: 0o644, Data: nil},
		{Path: home + "/tool", Mode: 0o4755, Data: []byte("new")},
	}, home, func(f string, a ...any) { said = append(said, fmt.Sprintf(f, a...)) })
	for name, want := range map[string]string{".gitconfig": "-rw------- [user]", "a/b/c": "-rw-r--r-- ", "tool": "-rwxr-xr-x new"} {
		path := filepath.Join(home, name)
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := os.ReadFile(path)
		if got := info.Mode().String() + " " + string(b); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if b, _ := os.ReadFile(elsewhere); string(b) != "kept" {
		t.Error("a link was followed")
	}
	if len(said) != 1 || !strings.Contains(said[0], "folder") {
		t.Error(said)
	}
	if left, _ := filepath.Glob(home + "/*.mvm-new"); len(left) != 0 {
		t.Error(left)
	}
}
