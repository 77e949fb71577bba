package config

import "slices"

// Image is what the guest needs to know of its image.
type Image struct {
	Schema       int                    `json:"schema"`
	Entrypoint   Entrypoint             `json:"entrypoint"`
	Env          map[string]string      `json:"env"`
	Accessible   bool                   `json:"accessible"`
	Sealed       bool                   `json:"sealed"`
	Services     map[string]Service     `json:"services"`
	HealthChecks map[string]HealthCheck `json:"healthChecks"`
	Shell        []string               `json:"shell"` // what `console` opens beside a program
	Hostname     string                 `json:"hostname"`
	Ports        []int                  `json:"ports"`       // TCP ports that the image offers
	Directories  []Directory            `json:"directories"` // made at boot
	Volumes      []string               `json:"volumes"`     // absolute paths that are kept on the VM's disk
}

// Declares tells whether the image says that something in it listens on this TCP port.
func (i *Image) Declares(port int) bool {
	for _, s := range i.Services {
		if s.Port == port {
			return true
		}
	}
	return slices.Contains(i.Ports, port)
}

// The kinds of entrypoints.
const (
	KindShell    = "shell"
	KindCommand  = "command"
	KindServices = "services"
)

// Entrypoint is what the VM is for.
type Entrypoint struct {
	Kind             string   `json:"kind"`
	Argv             []string `json:"argv"`
	User             string   `json:"user"` // empty: root
	WorkingDirectory string   `json:"workingDirectory"`
	Services         []string `json:"services"` // kind services: the VM lives as long as one of these
	Stop
}

// Stop says how a process is asked to end.
type Stop struct {
	Signal  string `json:"stopSignal"`  // a name without SIG; empty: TERM
	Timeout *int   `json:"stopTimeout"` // seconds until KILL; nil: 10
}

// Service is a supervised process.
type Service struct {
	Command          []string          `json:"command"`
	Restart          string            `json:"restart"` // always (also empty), on-failure, no
	Env              map[string]string `json:"env"`
	User             string            `json:"user"` // empty: root
	WorkingDirectory string            `json:"workingDirectory"`
	PreStart         []string          `json:"preStart"` // before each start, as the service's user
	After            []string          `json:"after"`
	Ready            *Ready            `json:"ready"`
	Port             int               `json:"port"`
	Log              struct {
		MaxBytes int `json:"maxBytes"` // 0: 2 MiB
	} `json:"log"`
	Preset      string      `json:"preset"`
	Init        *Init       `json:"init"`
	Directories []Directory `json:"directories"` // made before each start
	Stop
}

// Init prepares a service's state once.
type Init struct {
	Command []string `json:"command"`
	Creates string   `json:"creates"` // it has run where this exists
}

// Ready says how it is known that a service is ready: one of the first three.
type Ready struct {
	Command []string `json:"command"`
	Port    int      `json:"port"`
	File    string   `json:"file"`
	Timeout int      `json:"timeout"` // seconds; 0: 60
}

// HealthCheck is repeated as long as the VM runs.
type HealthCheck struct {
	Command  []string `json:"command"`
	Port     int      `json:"port"`
	Interval int      `json:"interval"` // seconds; 0: 30
	Timeout  int      `json:"timeout"`  // seconds; 0: 5
	Retries  int      `json:"retries"`  // failures in a row that make it unhealthy; 0: 3
}

// Directory is made by the agent where it is missing.
type Directory struct {
	Path string `json:"path"`
	Mode string `json:"mode"` // octal; empty: 0755
	User string `json:"user"` // the owner; empty: root, or the user of the service whose directory it is
}
