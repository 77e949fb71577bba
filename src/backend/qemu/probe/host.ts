import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { systemCode } from '../../../errors/mvm-error.ts';
import { bootId } from '../../../process/identity.ts';
import type { Arch } from '../../backend.ts';

/** What of the host decides how a guest can run. */
export interface HostFacts {
  platform: NodeJS.Platform;
  arch: Arch | undefined;
  /** Flags of the first CPU; empty where the system does not tell. */
  cpuFlags: ReadonlySet<string>;
  cpuModel: string;
  cpuMhz: number | undefined;
  /** The CPU's frequency is controlled, so `cpuMhz` is only the current one. */
  frequencyScaling: boolean;
  kvmNode: 'usable' | 'missing' | 'denied';
  bootId: string;
}

function hostArch(): Arch | undefined {
  if (process.arch === 'x64') return 'x86_64';
  return process.arch === 'arm64' ? 'aarch64' : undefined;
}

async function kvmNode(): Promise<HostFacts['kvmNode']> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    return 'usable';
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? 'missing' : 'denied';
  }
}

export function parseCpuinfo(text: string): { flags: Set<string>; mhz: number | undefined } {
  const value = (key: string): string | undefined =>
    new RegExp(`^${key}\\s*: (.*)$`, 'm').exec(text)?.[1]?.trim();
  const mhz = Number(value('cpu MHz'));
  return { flags: new Set(value('flags')?.split(/\s+/) ?? []), mhz: mhz > 0 ? mhz : undefined };
}

export async function readHostFacts(): Promise<HostFacts> {
  const cpuinfo = parseCpuinfo(await readFile('/proc/cpuinfo', 'utf8').catch(() => ''));
  const scaling = await stat('/sys/devices/system/cpu/cpu0/cpufreq').then(
    () => true,
    () => false,
  );
  return {
    platform: process.platform,
    arch: hostArch(),
    cpuFlags: cpuinfo.flags,
    cpuModel: cpus()[0]?.model ?? '',
    cpuMhz: cpuinfo.mhz,
    frequencyScaling: scaling,
    kvmNode: await kvmNode(),
    bootId: bootId(),
  };
}
