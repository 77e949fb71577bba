package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// accessPackages is the code that a sealed agent must not have: the names of its functions are in every Go program's line table.
var accessPackages = []string{"exec", "console", "control", "console/vt", "terminal", "pty", "listeners", "reverse", "files", "transfer", "tree", "handin", "lend"}

func built(t *testing.T, flags ...string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "init")
	build := exec.Command("go", append(append([]string{"build", "-ldflags=-s -w", "-o", out}, flags...), ".")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	binary, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func has(binary []byte, pkg string) bool {
	return bytes.Contains(binary, []byte("mvm/guest/internal/"+pkg+"."))
}

func TestASealedAgentDoesNotContainTheCodeThatLetsPeopleIn(t *testing.T) {
	accessible, sealed := built(t), built(t, "-tags", "sealed")
	for _, pkg := range accessPackages {
		if !has(accessible, pkg) {
			t.Errorf("the accessible agent lacks %s: this test looks for the wrong name", pkg)
		}
		if has(sealed, pkg) {
			t.Errorf("the sealed agent contains %s", pkg)
		}
	}
	for _, pkg := range []string{"shutdown", "mux", "forward"} {
		if !has(sealed, pkg) {
			t.Errorf("the sealed agent lacks %s", pkg)
		}
	}
	if len(sealed) >= len(accessible) {
		t.Errorf("the sealed agent has %d bytes, the accessible one %d", len(sealed), len(accessible))
	}
}
