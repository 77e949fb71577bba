import type { Accelerator, Arch, Available } from '../../backend.ts';
import { option } from './option.ts';

/**
 * CPU models under emulation. The emulator's richest one, `max`, costs boot time, because the kernel sets up
 * all that it sees: 0.2 to 0.4 s on x86_64 with QEMU 10, 2 s on aarch64 (pointer authentication, computed in
 * software). x86_64: the plainest model with what x86-64-v2 asks for, which is what distributions ask for at
 * most; no AVX. ARAT: it says that the CPU's timer runs while the CPU sleeps. Without it a kernel that has no other timer
 * keeps its periodic tick, 250 interrupts a second on each CPU of a VM that does nothing. aarch64: plain Armv8.0.
 */
const emulatedCpu: Record<Arch, string> = {
  x86_64: 'qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt,+lahf-lm,+arat',
  aarch64: 'cortex-a72',
};

/**
 * QEMU before 8.0 computes the flags of CMPXCHG16B from a stale state; an interrupt right behind it then
 * saves garbage flags, and the kernel (which allocates memory with that instruction where the CPU has it)
 * dies of a double fault: seen in about one of 40 boots with QEMU 7.2. Without it a CPU is not quite x86-64-v2.
 */
function cmpxchg16b(version: string): string {
  return Number.parseInt(version, 10) < 8 ? ',-cx16' : ',+cx16';
}

/** @param version QEMU's */
export function cpuModel(arch: Arch, accelerator: Accelerator, version: string): string {
  if (accelerator !== 'tcg') return 'host';
  return arch === 'x86_64' ? emulatedCpu.x86_64 + cmpxchg16b(version) : emulatedCpu.aarch64;
}

/**
 * The machine. x86_64: `microvm`, started through the kernel's PVH note, without the PC's firmware and
 * devices. Distributions' kernels find virtio there through PCI, for which ACPI must be on; virtio over MMIO
 * would need one more module and is 0.2 s slower. The real-time clock stays on (its default): without it the
 * kernel looks for one for more than two seconds. aarch64: `virt`, with the interrupt controller of version 3,
 * because version 2 ends at 8 CPUs.
 * @param more further properties of the machine
 */
export function machine(
  arch: Arch,
  accelerator: Accelerator,
  more: Record<string, string | boolean> = {},
): string {
  if (arch === 'x86_64') return option('microvm', { acpi: true, pcie: true, 'isa-serial': true, ...more });
  return option('virt', { 'gic-version': accelerator === 'kvm' ? 'host' : 3, ...more });
}

/**
 * The timer of the PC (PIT), which no kernel programs on this machine (its ACPI is of the reduced kind) and which then
 * wakes QEMU 36 times a second. An emulated guest that isn't told how fast its counter runs measures it with that timer.
 * QEMU itself leaves it out under KVM.
 */
export function timerOfMachine({ arch, accelerator, tscKhz }: Available): Record<string, boolean> {
  return arch === 'x86_64' && accelerator === 'tcg' && tscKhz !== undefined ? { pit: false } : {};
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
