// Package info is the operation `info`.
package info

import (
	"os"
	"strconv"
	"strings"

	"mvm/guest/internal/boot"
	"mvm/guest/internal/channel"
	"mvm/guest/internal/protocol"
)

// Session is a terminal session of the guest.
type Session struct {
	Session  int `json:"session"`
	Attached int `json:"attached"`
	PID      int `json:"pid"`
}

type result struct {
	UptimeMs           int64     `json:"uptimeMs"`
	Agent              string    `json:"agent"`
	AgentRSSKib        int64     `json:"agentRssKib"`
	MemoryTotalKib     int64     `json:"memoryTotalKib"`
	MemoryAvailableKib int64     `json:"memoryAvailableKib"`
	Hostname           string    `json:"hostname"`
	Sessions           []Session `json:"sessions"`
}

// Source is whom the operation asks.
type Source struct {
	Agent    string // the agent's version
	Sessions func() []Session
}

type operation struct {
	channel.NoInput
	Source
}

// Opener makes info operations.
func Opener(s Source) channel.Opener {
	return func([]byte) (channel.Operation, error) { return operation{Source: s}, nil }
}

// Run implements channel.Operation.
func (o operation) Run(out *channel.Sender) {
	hostname, _ := os.Hostname()
	out.SendObject(protocol.Result, result{
		UptimeMs:           boot.Uptime(),
		Agent:              o.Agent,
		AgentRSSKib:        field("/proc/self/status", "VmRSS:"),
		MemoryTotalKib:     field("/proc/meminfo", "MemTotal:"),
		MemoryAvailableKib: field("/proc/meminfo", "MemAvailable:"),
		Hostname:           hostname,
		Sessions:           o.Sessions(),
	})
}

// field reads a number of a file of /proc, or 0.
func field(file, name string) int64 {
	b, _ := os.ReadFile(file)
	_, rest, _ := strings.Cut(string(b), name)
	words := strings.Fields(rest)
	if len(words) == 0 {
		return 0
	}
	n, _ := strconv.ParseInt(words[0], 10, 64)
	return n
}
