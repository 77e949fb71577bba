import type { Accelerator, Arch } from '../../backend.ts';
import type { HostFacts } from './host.ts';

export interface Candidate {
  accelerator: Accelerator;
  /** Why not hardware; empty where it is hardware. */
  reason: string;
}

/**
 * The best accelerator that the host's facts allow. KVM is a candidate only: a node that opens proves little,
 * so a trial guest decides. HVF needs no trial: macOS itself says whether it is there.
 */
export function candidate(arch: Arch, host: HostFacts): Candidate {
  const tcg = (reason: string): Candidate => ({ accelerator: 'tcg', reason });
  if (host.arch !== arch) return tcg(`the guest is ${arch}, this host ${host.arch ?? process.arch}`);
  if (host.platform === 'darwin') return { accelerator: 'hvf', reason: '' };
  if (host.platform !== 'linux') return tcg(`mvmctl has no accelerator for ${host.platform}`);
  if (host.kvmNode === 'missing') return tcg('there is no /dev/kvm');
  if (arch === 'x86_64' && !host.cpuFlags.has('vmx') && !host.cpuFlags.has('svm')) {
    return tcg('/dev/kvm exists, but this CPU has neither vmx nor svm');
  }
  if (host.kvmNode === 'denied') return tcg('you may not open /dev/kvm (is your user in the group kvm?)');
  return { accelerator: 'kvm', reason: '' };
}

/** The sentence that a user sees before a boot. */
export function notice(accelerator: Accelerator, reason: string): string {
  if (accelerator === 'kvm') return 'QEMU with KVM';
  if (accelerator === 'hvf') return 'QEMU with HVF';
  return `QEMU with emulation (TCG): ${reason}; expect a boot of 2 to 4 seconds and slow CPU-bound work`;
}
