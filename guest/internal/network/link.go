// Package network configures the guest's interfaces.
package network

import (
	"errors"
	"fmt"
	"os"
	"time"
	"unsafe"

	"mvm/guest/internal/config"
	"mvm/guest/internal/restart"
	"mvm/guest/internal/uevent"

	"golang.org/x/sys/unix"
)

const device = "eth0"

// Loopback brings lo up.
func Loopback() error {
	return control(func(s int) error { return up(s, "lo") })
}

// Configure waits for eth0 and gives it its address and route.
func Configure(c *config.Network, events *uevent.Watcher, within time.Duration) error {
	address, bits, err := parsePrefix(c.Address)
	if err != nil {
		return err
	}
	return control(func(s int) error {
		err := wait(events, within, func() error { return set(s, unix.SIOCSIFADDR, address, "address") })
		if err != nil {
			return err
		}
		if err := set(s, unix.SIOCSIFNETMASK, mask(bits), "mask"); err != nil {
			return err
		}
		if err := up(s, device); err != nil {
			return err
		}
		if c.Gateway == "" {
			return nil
		}
		gateway, err := parseAddress(c.Gateway)
		if err != nil {
			return err
		}
		return route(s, gateway)
	})
}

func control(f func(socket int) error) error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(s)
	return f(s)
}

// wait tries again at each new interface as long as there is no eth0. The kernel announces an interface while it still
// registers it; what changes one, as setting its address does, waits for the end of that (the kernel's rtnl lock).
func wait(events *uevent.Watcher, within time.Duration, try func() error) error {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	for {
		changed := events.Changed("net")
		if err := try(); !errors.Is(err, unix.ENODEV) {
			return err
		}
		select {
		case <-changed:
		case <-deadline.C:
			return fmt.Errorf("the network interface %s did not appear within %s", device, within)
		}
	}
}

func up(s int, name string) error {
	r, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	if err := ioctl(s, unix.SIOCGIFFLAGS, r); err != nil {
		return fmt.Errorf("reading the state of %s: %w", name, err)
	}
	r.SetUint16(r.Uint16() | unix.IFF_UP)
	if err := ioctl(s, unix.SIOCSIFFLAGS, r); err != nil {
		return fmt.Errorf("bringing %s up: %w", name, err)
	}
	return nil
}

func ioctl(s int, request uint, r *unix.Ifreq) error {
	return restart.Call(func() error { return unix.IoctlIfreq(s, request, r) })
}

func set(s int, request uint, a [4]byte, what string) error {
	r, err := unix.NewIfreq(device)
	if err != nil {
		return err
	}
	if err := r.SetInet4Addr(a[:]); err != nil {
		return err
	}
	if err := ioctl(s, request, r); err != nil {
		return fmt.Errorf("setting the %s of %s: %w", what, device, err)
	}
	return nil
}

// rtentry is struct rtentry of linux/route.h on 64-bit machines.
type rtentry struct {
	_       uint64
	dst     unix.RawSockaddrInet4
	gateway unix.RawSockaddrInet4
	genmask unix.RawSockaddrInet4
	flags   uint16
	_       uint16
	_       uint64
	_       uintptr
	metric  int16
	dev     uintptr
	mtu     uint64
	window  uint64
	irtt    uint16
}

// route adds the default route.
func route(s int, gateway [4]byte) error {
	inet := unix.RawSockaddrInet4{Family: unix.AF_INET}
	r := rtentry{dst: inet, gateway: inet, genmask: inet, flags: unix.RTF_UP | unix.RTF_GATEWAY}
	r.gateway.Addr = gateway
	if _, err := restart.Ioctl(s, unix.SIOCADDRT, uintptr(unsafe.Pointer(&r))); err != nil {
		return fmt.Errorf("adding the default route: %w", err)
	}
	return nil
}
