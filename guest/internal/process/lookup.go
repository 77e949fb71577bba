package process

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"mvm/guest/internal/protocol"
)

// DefaultPath is the PATH of processes for which none is given.
const DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Lookup finds a program as a shell does: a name with a slash as it stands (relative to dir), any other
// in path. The failure's code is not_found or not_executable.
func Lookup(name, path, dir string) (string, *protocol.Failure) {
	if strings.Contains(name, "/") {
		if !filepath.IsAbs(name) {
			name = filepath.Join(dir, name)
		}
		return name, check(name)
	}
	var refused *protocol.Failure
	for _, d := range filepath.SplitList(path) {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		file := filepath.Join(d, name)
		f := check(file)
		if f == nil {
			return file, nil
		}
		if f.Code == "not_executable" && refused == nil {
			refused = f
		}
	}
	if refused != nil {
		return "", refused
	}
	return "", &protocol.Failure{Code: "not_found", Message: name + ": no such program in " + path}
}

func check(file string) *protocol.Failure {
	info, err := os.Stat(file)
	switch {
	case err != nil && errors.Is(err, syscall.EACCES):
		return notExecutable(file, "permission denied")
	case err != nil:
		return &protocol.Failure{Code: "not_found", Message: file + ": no such file"}
	case info.IsDir():
		return notExecutable(file, "it is a directory")
	case info.Mode()&0o111 == 0:
		return notExecutable(file, "it is not executable")
	}
	return nil
}

func notExecutable(file, why string) *protocol.Failure {
	return &protocol.Failure{Code: "not_executable", Message: file + ": " + why}
}

// startFailure says why a program that exists did not start.
func startFailure(file string, err error) *protocol.Failure {
	switch {
	case errors.Is(err, syscall.ENOENT):
		return &protocol.Failure{Code: "not_found", Message: file + ": the interpreter it names does not exist"}
	case errors.Is(err, syscall.ENOEXEC):
		return notExecutable(file, "it is of no known executable format (a script without #!, or another architecture)")
	case errors.Is(err, syscall.EACCES):
		return notExecutable(file, "permission denied")
	}
	return notExecutable(file, err.Error())
}
