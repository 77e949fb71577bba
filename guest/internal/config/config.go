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
	Schema      int      `json:"schema"`
	Name        string   `json:"name"`
	Hostname    string   `json:"hostname"`
	Key         string   `json:"key"`
	ClockUnixMs int64    `json:"clockUnixMs"`
	Ports       int      `json:"ports"`
	Rootfs      *Disk    `json:"rootfs"`
	Disk        *Disk    `json:"disk"`
	Network     *Network `json:"network"`
}

// Disk is a block device: the image's root, or the one that keeps what is written.
type Disk struct {
	Device string `json:"device"`
	FS     string `json:"fs"`
}

// Network is the static configuration of eth0.
type Network struct {
	Address string   `json:"address"`
	Gateway string   `json:"gateway"`
	DNS     []string `json:"dns"`
}

// Image is what the guest needs to know of its image.
type Image struct {
	Schema     int `json:"schema"`
	Entrypoint struct {
		Kind string   `json:"kind"`
		Argv []string `json:"argv"`
	} `json:"entrypoint"`
	Env        map[string]string `json:"env"`
	Accessible bool              `json:"accessible"`
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
	if v.Ports < 1 || v.Ports > 64 {
		return nil, fmt.Errorf("%s: %d ports; 1 to 64 are possible", file, v.Ports)
	}
	if _, err := v.ChannelKey(); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return v, nil
}

// ReadImage reads the image's configuration.
func ReadImage(file string) (*Image, error) {
	v := &Image{}
	if err := read(file, v, &v.Schema); err != nil {
		return nil, err
	}
	return v, nil
}

// ChannelKey is the key that preambles begin with.
func (v *VM) ChannelKey() (key [protocol.KeySize]byte, err error) {
	b, err := hex.DecodeString(v.Key)
	if err != nil || len(b) != len(key) {
		return key, fmt.Errorf("key is not %d hex digits", 2*len(key))
	}
	return [protocol.KeySize]byte(b), nil
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
