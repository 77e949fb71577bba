package restart

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// never are the calls of unix and syscall that no signal interrupts, and functions that are no system calls.
var never = strings.Fields(`
	ByteSliceToString CmsgSpace ParseSocketControlMessage ParseUnixRights UnixRights Errno ErrnoName Major Minor NewIfreq NsecToTimeval Signal SignalName SignalNum
	Bind Listen GetsockoptInt Pipe2 Prctl SetNonblock RawSyscall Setrlimit SetsockoptInt SetsockoptLinger Shutdown Socket Socketpair
	ClockGettime Getpid Gettid Kill MemfdCreate InotifyInit1 InotifyRmWatch Sethostname Settimeofday Tgkill
	Chdir Chroot Statfs
	Reboot Sync`)

var exceptions = map[string]string{
	"Close":    "the descriptor is gone whatever it answers",
	"Connect":  "only of sockets that do not block",
	"ForkExec": "Go's own, which blocks signals meanwhile",
}

// TestEverySystemCallThatMayWaitIsRestarted reads the agent's sources: calls of unix and syscall are in an argument of
// this package's functions.
func TestEverySystemCallThatMayWaitIsRestarted(t *testing.T) {
	fine := map[string]bool{}
	for _, name := range never {
		fine[name] = true
	}
	for name := range exceptions {
		fine[name] = true
	}
	files := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		restarted := restartedParts(file)
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			of, name := called(call)
			if (of == "unix" || of == "syscall") && !fine[name] && !restarted.has(call) {
				t.Errorf("%s: %s.%s is not made through restart", set.Position(call.Pos()), of, name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 50 {
		t.Errorf("found %d files only", files)
	}
}

type parts []ast.Node

func (p parts) has(n ast.Node) bool {
	for _, part := range p {
		if part.Pos() <= n.Pos() && n.End() <= part.End() {
			return true
		}
	}
	return false
}

// restartedParts are the arguments of restart.Call and restart.Value, and functions of the file that are called in one.
func restartedParts(file *ast.File) parts {
	var found parts
	names := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		of, name := called(call)
		if name != "Call" && name != "Value" || of != "restart" && file.Name.Name != "restart" {
			return true
		}
		for _, argument := range call.Args {
			found = append(found, argument)
			ast.Inspect(argument, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					names[id.Name] = true
				}
				return true
			})
		}
		return true
	})
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if names[n.Name.Name] {
				found = append(found, n)
			}
		case *ast.ValueSpec:
			if names[n.Names[0].Name] {
				found = append(found, n)
			}
		case *ast.RangeStmt: // over a list of functions
			if id, ok := n.Value.(*ast.Ident); ok && names[id.Name] {
				found = append(found, n.X)
			}
		}
		return true
	})
	return found
}

func called(call *ast.CallExpr) (of, name string) {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return "", f.Name
	case *ast.SelectorExpr:
		if id, ok := f.X.(*ast.Ident); ok {
			return id.Name, f.Sel.Name
		}
	}
	return "", ""
}
