package system

import (
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"mvm/guest/internal/restart"

	"golang.org/x/sys/unix"
)

// seedSize is the least that makes the generator's state its own, in bytes.
const seedSize = 32

// Reseed makes the kernel's random numbers differ from those of every other machine that was resumed from the same memory:
// it takes the seed in, counts it in full, and derives all that it gives from now on from it. What the kernel has in stock
// is dropped, for programs too (random(4), vDSO).
func Reseed(seed []byte) error {
	if len(seed) < seedSize {
		return fmt.Errorf("a seed of %d bytes; at least %d are needed", len(seed), seedSize)
	}
	fd, err := restart.Open("/dev/urandom", unix.O_WRONLY|unix.O_CLOEXEC)
	if err != nil {
		return err
	}
	defer unix.Close(fd) // a device: nothing is written back
	// struct rand_pool_info: bits, bytes, the bytes.
	info := binary.NativeEndian.AppendUint32(nil, uint32(8*len(seed)))
	info = binary.NativeEndian.AppendUint32(info, uint32(len(seed)))
	info = append(info, seed...)
	_, err = restart.Ioctl(fd, unix.RNDADDENTROPY, uintptr(unsafe.Pointer(unsafe.SliceData(info))))
	runtime.KeepAlive(info)
	if err == nil {
		_, err = restart.Ioctl(fd, rndReseedCRNG, 0)
	}
	clear(info)
	if err != nil {
		return errors.Join(errors.New("seeding the kernel's random numbers"), err)
	}
	return nil
}

// rndReseedCRNG is RNDRESEEDCRNG (linux/random.h).
const rndReseedCRNG = 0x5207
