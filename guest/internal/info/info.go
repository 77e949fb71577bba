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
	CPUBusyMs          int64     `json:"cpuBusyMs"`
	ReceivedBytes      int64     `json:"receivedBytes"`
	SentBytes          int64     `json:"sentBytes"`
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
	received, sent := traffic()
	out.SendObject(protocol.Result, result{
		UptimeMs:           boot.Uptime(),
		Agent:              o.Agent,
		AgentRSSKib:        field("/proc/self/status", "VmRSS:"),
		MemoryTotalKib:     field("/proc/meminfo", "MemTotal:"),
		MemoryAvailableKib: field("/proc/meminfo", "MemAvailable:"),
		Hostname:           hostname,
		Sessions:           o.Sessions(),
		CPUBusyMs:          busy(),
		ReceivedBytes:      received,
		SentBytes:          sent,
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

// tick is how long each of the kernel's ticks is that /proc/stat counts, in milliseconds: USER_HZ is 100 on every architecture.
const tick = 10

// busy is how long CPUs have worked since the boot, in milliseconds, of all together.
func busy() int64 {
	b, _ := os.ReadFile("/proc/stat")
	line, _, _ := strings.Cut(string(b), "\n")
	words := strings.Fields(line)
	var ticks int64
	for i, word := range words {
		// The fields of proc_stat(5): idle and iowait are the fourth and fifth, guests' are counted among the first two.
		if i == 0 || i == 4 || i == 5 || i > 8 {
			continue
		}
		n, _ := strconv.ParseInt(word, 10, 64)
		ticks += n
	}
	return ticks * tick
}

// traffic is what all interfaces but the loopback have received and sent, in bytes.
func traffic() (received, sent int64) {
	b, _ := os.ReadFile("/proc/net/dev")
	for _, line := range strings.Split(string(b), "\n") {
		name, rest, ok := strings.Cut(line, ":")
		words := strings.Fields(rest)
		if !ok || strings.TrimSpace(name) == "lo" || len(words) < 9 {
			continue
		}
		in, _ := strconv.ParseInt(words[0], 10, 64)
		out, _ := strconv.ParseInt(words[8], 10, 64)
		received, sent = received+in, sent+out
	}
	return received, sent
}
