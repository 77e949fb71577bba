package config

import (
	"encoding/json"
	"fmt"
	"os"
)

// TemplateFile is in the initrd of a machine that is booted to be saved, in VMFile's place.
const TemplateFile = "/mvm/template.json"

// Template is what a machine knows of itself as long as it may become any VM of its shape.
type Template struct {
	Schema int     `json:"schema"`
	Ports  int     `json:"ports"`
	Rootfs *Rootfs `json:"rootfs"`
	// Placeholder is the device of the VM's disk, which has nothing behind it yet. Empty where there is none.
	Placeholder string `json:"placeholder"`
}

// ReadTemplate reads what a template is to be; nil where the machine is booted as a VM.
func ReadTemplate(file string) (*Template, error) {
	t := &Template{}
	err := read(file, t, &t.Schema)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err == nil {
		err = checkPorts(t.Ports)
	}
	return t, err
}

// ParseVM reads a configuration that came over a channel.
func ParseVM(text []byte) (*VM, error) {
	v := &VM{}
	if err := json.Unmarshal(text, v); err != nil {
		return nil, err
	}
	if v.Schema != schema {
		return nil, fmt.Errorf("schema %d; this agent knows %d", v.Schema, schema)
	}
	return v, v.check()
}

// Equal tells whether both say the same, neither being checked by verity.
func (r *Rootfs) Equal(other *Rootfs) bool {
	if r == nil || other == nil {
		return r == other
	}
	return r.Verity == nil && *r == *other
}
