package process

import (
	"os"
	"syscall"

	"mvm/guest/internal/protocol"
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
	attr := &syscall.ProcAttr{
		Dir: dir,
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
		pid, ended, err = r.Start(path, c.Argv, attr)
		return err
	}
	var err error
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
