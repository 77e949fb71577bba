import type { Accelerator, Arch } from '../../backend.ts';

export interface KernelArguments {
  arch: Arch;
  accelerator: Accelerator;
  tscKhz: number | undefined;
  verbose: boolean;
}

/**
 * What this machine needs on the kernel's command line, before the image's own words (the kernel lets the
 * later one win). Names are those of the kernel's admin-guide/kernel-parameters. The gains were measured
 * with Debian's 6.12 cloud kernel under emulation; docs/backends.md has the numbers.
 */
export function kernelArguments(options: KernelArguments): string[] {
  const { arch, accelerator, tscKhz, verbose } = options;
  const words = [
    `console=${arch === 'x86_64' ? 'ttyS0' : 'ttyAMA0'}`,
    // Each line on an emulated serial port costs time.
    verbose ? 'ignore_loglevel' : 'quiet',
    // A panic restarts at once, and with -no-reboot a restart ends QEMU: a dead guest never lingers.
    'panic=-1',
    // 0.4 s under emulation: the kernel tests each cipher that it registers.
    'cryptomgr.notests',
    // It wakes each CPU every four seconds, to ask whether a CPU is stuck; a host that is busy or slept looks like that.
    'nowatchdog',
  ];
  // 128 MiB set aside for devices with needs that virtio has not: without them a small guest has no memory left.
  if (arch === 'aarch64') words.push('cma=0', 'swiotlb=noforce');
  // A triple fault, the one way to restart that needs no firmware.
  if (arch === 'x86_64') words.push('reboot=t');
  if (accelerator !== 'tcg') return words;
  // Under emulation the guest's code never runs on the CPU itself, so there is no speculation to mitigate;
  // patching the kernel for it costs time at each boot.
  words.push('mitigations=off');
  // Moving the kernel to a random address costs 90 ms; on x86_64 only a bzImage moves itself.
  if (arch === 'aarch64') words.push('nokaslr');
  if (arch === 'x86_64') {
    // The emulated timer always works; don't test it. And keep the kernel's code as for several CPUs.
    words.push('no_timer_check', 'noreplace-smp');
    // All virtual CPUs read one counter, which follows the host's time. On a busy host the kernel's comparison with
    // its own late ticks takes it to be wrong, and it then uses the ticks alone.
    words.push('tsc=reliable');
    // On a busy host the calibration may fail, and the kernel then hangs for good.
    if (tscKhz !== undefined) words.push(`tsc_early_khz=${tscKhz}`);
  }
  return words;
}
