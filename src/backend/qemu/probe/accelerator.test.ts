import { describe, expect, it } from 'vitest';
import { candidate, notice } from './accelerator.ts';
import type { HostFacts } from './host.ts';
import { parseCpuinfo } from './host.ts';

const host: HostFacts = {
  platform: 'linux',
  arch: 'x86_64',
  cpuFlags: new Set(['fpu', 'svm']),
  cpuModel: 'A CPU',
  cpuMhz: 2000,
  frequencyScaling: true,
  kvmNode: 'usable',
  bootId: 'boot',
};

describe('candidate', () => {
  it('takes KVM where node, CPU and architecture allow it', () => {
    expect(candidate('x86_64', host)).toEqual({ accelerator: 'kvm', reason: '' });
    expect(candidate('x86_64', { ...host, cpuFlags: new Set(['vmx']) }).accelerator).toBe('kvm');
    const arm: HostFacts = { ...host, arch: 'aarch64', cpuFlags: new Set() };
    expect(candidate('aarch64', arm).accelerator).toBe('kvm');
  });
  it('is not fooled by a /dev/kvm on a CPU that has no virtualisation', () => {
    expect(candidate('x86_64', { ...host, cpuFlags: new Set(['fpu']) })).toEqual({
      accelerator: 'tcg',
      reason: '/dev/kvm exists, but this CPU has neither vmx nor svm',
    });
  });
  it('says in words why it emulates', () => {
    expect(candidate('x86_64', { ...host, kvmNode: 'missing' }).reason).toMatch(/no \/dev\/kvm/);
    expect(candidate('x86_64', { ...host, kvmNode: 'denied' }).reason).toMatch(/group kvm/);
    expect(candidate('aarch64', host).reason).toBe('the guest is aarch64, this host x86_64');
  });
  it('takes HVF on a Mac of the same architecture', () => {
    const mac: HostFacts = { ...host, platform: 'darwin', arch: 'aarch64', kvmNode: 'missing' };
    expect(candidate('aarch64', mac).accelerator).toBe('hvf');
    expect(candidate('x86_64', mac).accelerator).toBe('tcg');
  });
});

it('tells what to expect of emulation', () => {
  expect(notice('tcg', 'there is no /dev/kvm')).toMatch(/TCG.*no \/dev\/kvm.*seconds/);
  expect(notice('kvm', '')).toBe('QEMU with KVM');
});

it('reads flags and clock of the first CPU', () => {
  const text =
    'processor\t: 0\ncpu MHz\t\t: 2596.126\nflags\t\t: fpu svm\n\nprocessor\t: 1\nflags\t\t: other\n';
  expect(parseCpuinfo(text)).toEqual({ flags: new Set(['fpu', 'svm']), mhz: 2596.126 });
  expect(parseCpuinfo('')).toEqual({ flags: new Set(), mhz: undefined });
});
