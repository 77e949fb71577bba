import type { Accelerator, Arch } from '../backend.ts';
import { option } from './option.ts';

/**
 * CPU models under emulation. x86_64: everything that the emulator can do (AVX2 from QEMU 7.2 on), so that
 * programs find what they would find under KVM; it costs nothing at boot once the kernel's cipher tests are
 * off. aarch64: Cortex-A72, plain Armv8.0, because `max` costs 2 s at boot (pointer authentication, computed
 * in software).
 */
const emulatedCpu: Record<Arch, string> = { x86_64: 'max', aarch64: 'cortex-a72' };

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

/**
 * x86_64: qboot, a firmware of 64 KiB made for this machine, by the name under which QEMU ships it. Upstream
 * picks SeaBIOS where ACPI is on, with which the kernel finds no ACPI tables after a PVH start (seen with
 * SeaBIOS 1.16.3 of Debian 13) and so no devices; Debian 12 has qboot under SeaBIOS's name. aarch64's `virt`
 * needs no firmware to start a kernel.
 */
export function firmware(arch: Arch): string[] {
  return arch === 'x86_64' ? ['-bios', 'qboot.rom'] : [];
}
