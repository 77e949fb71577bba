package process

import (
	"os"
	"strconv"
	"strings"

	"mvm/guest/internal/protocol"
)

// User is whom a process runs as.
type User struct {
	Name   string
	UID    uint32
	GID    uint32
	Groups []uint32
	Home   string
	Shell  string
}

// FindUser resolves a name or a number, each with ":group" behind it or not, in the root's /etc/passwd and
// /etc/group. An empty spec is root. Root and numbers need no entry.
func FindUser(spec string) (User, *protocol.Failure) {
	return findUser(spec, read("/etc/passwd"), read("/etc/group"))
}

// read returns an empty text for a file that is not there: an image may have no user database.
func read(file string) string {
	b, _ := os.ReadFile(file)
	return string(b)
}

func findUser(spec, passwd, groups string) (User, *protocol.Failure) {
	name, group, hasGroup := strings.Cut(spec, ":")
	if name == "" {
		name = "root"
	}
	u, ok := passwdEntry(name, passwd)
	if !ok {
		return User{}, &protocol.Failure{Code: "no_such_user", Message: "there is no user " + name + " in the guest"}
	}
	u.Groups = memberships(u, groups)
	if hasGroup {
		gid, ok := groupID(group, groups)
		if !ok {
			return User{}, &protocol.Failure{Code: "no_such_user", Message: "there is no group " + group + " in the guest"}
		}
		u.GID, u.Groups = gid, []uint32{gid}
	}
	return u, nil
}

func passwdEntry(name, passwd string) (User, bool) {
	uid, numeric := number(name)
	for _, line := range strings.Split(passwd, "\n") {
		f := strings.Split(line, ":")
		if len(f) < 7 {
			continue
		}
		id, ok := number(f[2])
		gid, ok2 := number(f[3])
		if ok && ok2 && (f[0] == name || (numeric && id == uid)) {
			return User{Name: f[0], UID: id, GID: gid, Home: f[5], Shell: f[6]}, true
		}
	}
	if name == "root" {
		return User{Name: name, Home: "/root", Shell: "/bin/sh"}, true
	}
	return User{Name: name, UID: uid, GID: uid, Home: "/", Shell: "/bin/sh"}, numeric
}

func memberships(u User, groups string) []uint32 {
	ids := []uint32{u.GID}
	for _, line := range strings.Split(groups, "\n") {
		f := strings.Split(line, ":")
		if len(f) < 4 {
			continue
		}
		for _, member := range strings.Split(f[3], ",") {
			if gid, ok := number(f[2]); ok && member == u.Name && gid != u.GID {
				ids = append(ids, gid)
			}
		}
	}
	return ids
}

func groupID(name, groups string) (uint32, bool) {
	for _, line := range strings.Split(groups, "\n") {
		if f := strings.Split(line, ":"); len(f) >= 3 && f[0] == name {
			return number(f[2])
		}
	}
	return number(name)
}

func number(s string) (uint32, bool) {
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil
}
