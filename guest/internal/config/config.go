// Package config reads what the host left in the initrd (ARCHITECTURE.md, Contracts).
package config

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"mvm/guest/internal/protocol"
)

// Where the initrd has it.
const (
	VMFile    = "/mvm/vm.json"
	ImageFile = "/mvm/image.json"
)

const schema = 1

// VM is this boot.
type VM struct {
	Schema      int     `json:"schema"`
	Name        string  `json:"name"`
	Hostname    string  `json:"hostname"`
	Key         string  `json:"key"`
	ClockUnixMs int64   `json:"clockUnixMs"`
	Ports       int     `json:"ports"`
	Rootfs      *Rootfs `json:"rootfs"`
	Disk        *Disk   `json:"disk"`
	// Env is over the image's, for entrypoint and services.
	Env     map[string]string `json:"env"`
	Network *Network          `json:"network"`
	// StaysOn keeps the VM on when its entrypoint has ended.
	StaysOn bool `json:"staysOn"`
	// Attended says that a host is about to attach to the entrypoint: its end waits for that.
	Attended bool `json:"attended"`
	// Throwaway ends the VM once nobody runs a program in it.
	Throwaway bool `json:"throwaway"`
	// Files are of a machine to work in.
	Files []File `json:"files"`
	// DefaultEnv is under the image's.
	DefaultEnv map[string]string `json:"defaultEnv"`
	// Seed is fresh randomness of the host's, in base64: a machine that has just started has none, one that was resumed has
	// the same as others.
	Seed []byte `json:"seed"`
}

// File is one that the host has the machine write at each boot. Its data is in base64.
type File struct {
	Path string `json:"path"`
	Mode uint32 `json:"mode"`
	Data []byte `json:"data"`
}

// Rootfs is the block device with the image's root.
type Rootfs struct {
	Device string  `json:"device"`
	FS     string  `json:"fs"`
	Verity *Verity `json:"verity"`
}

// Verity says how the root is checked; its fields are those of image.json (src/image/image-json.ts).
type Verity struct {
	Device     string `json:"device"`
	RootHash   string `json:"rootHash"`
	Salt       string `json:"salt"`
	DataBlocks uint64 `json:"dataBlocks"`
}

// What the VM's disk keeps.
const (
	UseRoot    = "root"    // all that is written to the root
	UseVolumes = "volumes" // the image's volumes
)

// Disk is the block device that keeps what is written.
type Disk struct {
	Device string `json:"device"`
	FS     string `json:"fs"`
	Use    string `json:"use"`
}

// Network is the static configuration of eth0.
type Network struct {
	Address string   `json:"address"`
	Gateway string   `json:"gateway"`
	DNS     []string `json:"dns"`
}

// ReadVM reads the boot's configuration and removes the file, which has the key in it.
func ReadVM(file string) (*VM, error) {
	v := &VM{}
	if err := read(file, v, &v.Schema); err != nil {
		return nil, err
	}
	if err := os.Remove(file); err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}

func (v *VM) check() error {
	if err := checkPorts(v.Ports); err != nil {
		return err
	}
	_, err := v.ChannelKey()
	return err
}

func checkPorts(n int) error {
	if n < 1 || n > 64 {
		return fmt.Errorf("%d ports; 1 to 64 are possible", n)
	}
	return nil
}

// ReadImage reads the image's configuration.
func ReadImage(file string) (*Image, error) {
	v := &Image{}
	if err := read(file, v, &v.Schema); err != nil {
		return nil, err
	}
	return v, nil
}

// ChannelKey is the key of this boot's channels.
func (v *VM) ChannelKey() (key protocol.Key, err error) {
	b, err := hex.DecodeString(v.Key)
	if err != nil || len(b) != len(key) {
		return key, fmt.Errorf("key is not %d hex digits", 2*len(key))
	}
	return protocol.Key(b), nil
}

func read(file string, v any, found *int) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if *found != schema {
		return fmt.Errorf("%s has schema %d; this agent knows %d", file, *found, schema)
	}
	return nil
}
