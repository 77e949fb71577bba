import type { Accelerator, Arch } from '../backend.ts';
import { option } from './option.ts';

/**
 * CPU models under emulation. The emulator's richest model costs boot time, because the kernel sets up every
 * feature it sees: on x86_64 `max` adds 0.4 s, on aarch64 2.6 s (pointer authentication computed in
 * software). Nehalem is x86-64-v2, what current distributions ask for at most; Cortex-A72 is plain Armv8.0.
 */
const emulatedCpu: Record<Arch, string> = { x86_64: 'Nehalem', aarch64: 'cortex-a72' };

export function cpuModel(arch: Arch, accelerator: Accelerator): string {
  return accelerator === 'tcg' ? emulatedCpu[arch] : 'host';
}

/**
 * The machine. x86_64: `microvm`, started through the kernel's PVH note, without the PC's firmware and
 * devices. Distributions' kernels find virtio there through PCI, for which ACPI must be on; virtio over MMIO
 * would need one more module and is 0.2 s slower. The real-time clock stays on (its default): without it the
 * kernel looks for one for more than two seconds. aarch64: `virt`, with the interrupt controller of version 3,
 * because version 2 ends at 8 CPUs.
 */
export function machine(arch: Arch, accelerator: Accelerator): string {
  if (arch === 'x86_64') {
    return option('microvm', {
      acpi: true,
      pcie: true,
      'isa-serial': true,
    });
  }
  return option('virt', { 'gic-version': accelerator === 'kvm' ? 'host' : 3 });
}
