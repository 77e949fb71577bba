package main

import "mvm/guest/internal/module"

// start is where the program begins (the linker's -E). Go's runtime takes 50 ms under emulation until main runs, and the
// boot waits for the disk's driver most: so a child of PID 1 begins to load that at once. Nothing waits for the child;
// loading a module that is being loaded waits for it, and one that failed is tried again by the boot, which reports why.
func start()

// early are the paths of the modules that the child loads, one after the other, each behind what it depends on; a NUL
// ends each, and another the list. One that an image lacks is passed over.
var early = module.Dir + "/00-virtio_blk.ko\x00" + module.Dir + "/01-overlay.ko\x00" + "\x00"
