package process

import (
	"os"
	"strconv"
	"syscall"

	"mvm/guest/internal/protocol"
	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// Command is a process to start.
type Command struct {
	Argv []string
	Env  []map[string]string // later ones override earlier ones
	Dir  string              // empty: the user's home where it exists, else /
	User string
	// Files are the descriptors 0, 1 and 2.
	Files [3]*os.File
	// CgroupFD is the cgroup that the process starts in; 0: the agent's.
	CgroupFD int
	// Confined takes from a process that is not root every way to gain privileges (no_new_privs): setuid
	// programs and file capabilities have no effect on it and all it starts.
	Confined bool
	// TTY makes descriptor 0 the controlling terminal of a session of its own.
	TTY bool
}

// Start starts the command, in a session and process group of its own.
func (r *Reaper) StartCommand(c Command) (pid int, ended <-chan Status, failure *protocol.Failure) {
	user, failure := FindUser(c.User)
	if failure != nil {
		return 0, nil, failure
	}
	env := environment(user, c.TTY, c.Env)
	dir, failure := directory(c.Dir, user)
	if failure != nil {
		return 0, nil, failure
	}
	path, failure := Lookup(c.Argv[0], env.get("PATH"), dir)
	if failure != nil {
		return 0, nil, failure
	}
	argv := c.Argv
	if r.isShared(path) {
		path, argv = throughShell(path, argv, env.get("PATH"))
	}
	at, err := enter(dir)
	if err != nil {
		return 0, nil, &protocol.Failure{Code: "bad_directory", Message: "the directory " + dir + " of the guest: " + err.Error()}
	}
	defer unix.Close(at)
	attr := &syscall.ProcAttr{
		Dir: "/proc/self/fd/" + strconv.Itoa(at),
		Env: env.list(),
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: c.TTY, Ctty: 0},
	}
	if os.Getuid() == 0 {
		attr.Sys.Credential = &syscall.Credential{Uid: user.UID, Gid: user.GID, Groups: user.Groups}
	}
	if c.CgroupFD != 0 {
		attr.Sys.UseCgroupFD, attr.Sys.CgroupFD = true, c.CgroupFD
	}
	for _, f := range c.Files {
		attr.Files = append(attr.Files, f.Fd())
	}
	start := func() (err error) {
		pid, ended, err = r.Start(path, argv, attr)
		return err
	}
	if c.Confined && user.UID != 0 {
		err = confined(start)
	} else {
		err = start()
	}
	if err != nil {
		return 0, nil, startFailure(path, err)
	}
	return pid, ended, nil
}

// enter opens a directory for a child to begin in. Until a child has become its program, the thread that started it stands still and
// Go's scheduler may wait for it; so the child must ask nothing that this agent answers, as it would of a directory that a host
// shows. Of one that is open, and that was asked for access before, it asks nothing.
func enter(dir string) (int, error) {
	at, err := restart.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC)
	if err != nil {
		return 0, err
	}
	_ = restart.Call(func() error {
		return unix.Faccessat(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(at), unix.X_OK, 0)
	})
	return at, nil
}

// isShared tells whether this agent has a part in reading a file: see enter.
func (r *Reaper) isShared(path string) bool {
	if r.Shared == nil {
		return false
	}
	var st unix.Stat_t
	err := restart.Call(func() error { return unix.Stat(path, &st) })
	return err == nil && r.Shared(uint64(st.Dev))
}

// throughShell has a shell become the program, after the child that this agent started has become a shell.
func throughShell(path string, argv []string, searched string) (string, []string) {
	shell, failure := Lookup("sh", searched, "/")
	if failure != nil {
		return path, argv
	}
	return shell, append([]string{"sh", "-c", `exec "$0" "$@"`, path}, argv[1:]...)
}

func directory(dir string, u User) (string, *protocol.Failure) {
	if dir == "" {
		if isDirectory(u.Home) {
			return u.Home, nil
		}
		return "/", nil
	}
	if !isDirectory(dir) {
		return "", &protocol.Failure{Code: "bad_directory", Message: "there is no directory " + dir + " in the guest"}
	}
	return dir, nil
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
