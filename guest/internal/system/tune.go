// Package system sets what the kernel leaves to user space.
package system

import (
	"os"

	"golang.org/x/sys/unix"
)

// Tune sets limits and kernel parameters. A kernel without one of them is fine.
func Tune() {
	set(map[string]string{
		"net/ipv4/ping_group_range":           "0 2147483647", // ping without privileges
		"net/ipv4/ip_unprivileged_port_start": "0",            // the guest is its workload's: port 80 needs no root
		"fs/protected_hardlinks":              "1",
		"fs/protected_symlinks":               "1",
		// What the kernel does now and then for its own sake would wake a VM that has nothing to do (docs/backends.md).
		"vm/compaction_proactiveness":                   "0",     // else twice a second
		"vm/stat_interval":                              "10",    // seconds; else 1
		"net/ipv4/neigh/default/interval_probe_time_ms": "60000", // else 5000, also without neighbours to probe
		"net/ipv6/neigh/default/interval_probe_time_ms": "60000",
	})
	// Ctrl-Alt-Del becomes INT to PID 1.
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF)
	// Servers and builds need more than 4096 files; what expects 1024 as the usual limit still finds it.
	_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 1024, Max: 524288})
}

// Harden takes from a sealed guest, its root included, what no workload needs and an intruder would use. A kernel
// without one of them is fine, but for the first: it fails where a kernel that loads modules does not give that up.
func Harden() error {
	modules := sysctl + "kernel/modules_disabled"
	if err := os.WriteFile(modules, []byte("1"), 0o644); err != nil && !os.IsNotExist(err) {
		return err
	}
	set(map[string]string{
		"kernel/kexec_load_disabled":       "1",
		"kernel/unprivileged_bpf_disabled": "1",
		"net/core/bpf_jit_harden":          "2",
		"kernel/kptr_restrict":             "2",
		"kernel/dmesg_restrict":            "1",
		"kernel/perf_event_paranoid":       "3",
		"kernel/yama/ptrace_scope":         "2", // only root traces
		"kernel/sysrq":                     "0",
		"fs/suid_dumpable":                 "0",
		"fs/protected_fifos":               "2",
		"fs/protected_regular":             "2",
		"dev/tty/ldisc_autoload":           "0",
	})
	return nil
}

const sysctl = "/proc/sys/"

func set(values map[string]string) {
	for name, value := range values {
		_ = os.WriteFile(sysctl+name, []byte(value), 0o644)
	}
}
