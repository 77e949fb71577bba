package process

import (
	"sort"
	"strings"
)

type variables map[string]string

// environment joins what every process gets with what the image and the operation say.
func environment(u User, tty bool, layers []map[string]string) variables {
	v := variables{
		"PATH": DefaultPath, "LANG": "C.UTF-8", "HOME": u.Home, "USER": u.Name, "LOGNAME": u.Name, "SHELL": u.Shell,
	}
	if tty {
		v["TERM"] = "xterm-256color"
	}
	for _, layer := range layers {
		for k, value := range layer {
			v[k] = value
		}
	}
	return v
}

func (v variables) get(k string) string { return v[k] }

func (v variables) list() []string {
	out := make([]string, 0, len(v))
	for k, value := range v {
		out = append(out, k+"="+value)
	}
	sort.Strings(out)
	return out
}

// ValidEnvironment reports whether every name and value can be handed to a process.
func ValidEnvironment(env map[string]string) bool {
	for k, v := range env {
		if k == "" || strings.ContainsAny(k, "=\x00") || strings.Contains(v, "\x00") {
			return false
		}
	}
	return true
}
