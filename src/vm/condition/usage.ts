import { statSync } from 'node:fs';
import { connectCompanion } from '../../companion/client.ts';
import { hasWork } from '../../companion/files.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { GuestInfo } from '../../guest/info.ts';
import { usageOf } from '../../process/usage.ts';
import { isRunning, type Vm, type VmStatus } from '../state/vm.ts';
import { guestAccess } from './guest.ts';

/** What a VM uses, at a moment. Null: it does not run, or this host or its guest does not tell. */
export interface Usage {
  name: string;
  status: VmStatus;
  vcpus: number | null;
  /** CPU time of its VMM, since it started. */
  cpuMs: number | null;
  /** Of its VMM, since the usage before: 100 is one CPU of this host. */
  cpuPercent: number | null;
  /** In memory of this host: what its VMM has, with its part of what is shared. */
  hostMemoryBytes: number | null;
  guestMemoryUsedBytes: number | null;
  guestMemoryTotalBytes: number | null;
  /** Of its disk: what is allocated on this host, and what it may become. */
  diskBytes: number | null;
  diskSizeBytes: number | null;
  /** Of the guest's network, since the boot. */
  receivedBytes: number | null;
  sentBytes: number | null;
  /** Streams of its companion: forwarded connections, and what watches its ports. */
  streams: number | null;
  /** When, in milliseconds of a clock that only this process has. */
  atMs: number;
}

/** How long a guest may take to answer, in milliseconds: what the host knows is shown without it. */
const answerMs = 2000;

/** @param before the usage from which `cpuPercent` is counted */
export async function usageOfVm(vm: Vm, before: Usage | undefined, signal: AbortSignal): Promise<Usage> {
  const runs = isRunning(vm);
  const [guest, streams] = runs ? await Promise.all([info(vm, signal), streamsOf(vm)]) : [undefined, null];
  const host = vm.vmm === undefined ? { cpuMs: null, pssBytes: null } : usageOf(vm.vmm.pid);
  const atMs = performance.now();
  const disk = diskOf(vm.paths.disk);
  return {
    name: vm.name,
    status: vm.status,
    vcpus: vm.boot?.vcpus ?? vm.record?.vcpus ?? null,
    cpuMs: host.cpuMs,
    cpuPercent: percent(before, host.cpuMs, atMs),
    hostMemoryBytes: host.pssBytes,
    guestMemoryUsedBytes:
      guest === undefined ? null : 1024 * Math.max(0, guest.memoryTotalKib - guest.memoryAvailableKib),
    guestMemoryTotalBytes: guest === undefined ? null : 1024 * guest.memoryTotalKib,
    ...disk,
    receivedBytes: guest?.receivedBytes ?? null,
    sentBytes: guest?.sentBytes ?? null,
    streams,
    atMs,
  };
}

function percent(before: Usage | undefined, cpuMs: number | null, atMs: number): number | null {
  if (before === undefined || before.cpuMs === null || cpuMs === null || cpuMs < before.cpuMs) return null;
  return Math.round((1000 * (cpuMs - before.cpuMs)) / (atMs - before.atMs)) / 10;
}

async function info(
  vm: Parameters<typeof guestAccess>[0],
  signal: AbortSignal,
): Promise<GuestInfo | undefined> {
  const { guestInfo } = await import('../../guest/info.ts');
  try {
    return await guestInfo(guestAccess(vm), AbortSignal.any([signal, AbortSignal.timeout(answerMs)]));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MvmError || (error as Error).name === 'TimeoutError') return undefined;
    throw error;
  }
}

async function streamsOf({ boot }: { boot: { runtimeDir: string } }): Promise<number> {
  if (!hasWork(boot.runtimeDir)) return 0;
  const companion = await connectCompanion(boot.runtimeDir).catch(() => undefined);
  if (companion === undefined) return 0;
  const count = companion.streams().catch(() => 0);
  return count.finally(companion.close);
}

function diskOf(path: string): Pick<Usage, 'diskBytes' | 'diskSizeBytes'> {
  const found = statSync(path, { throwIfNoEntry: false });
  // Blocks of stat(2) have 512 bytes.
  if (found === undefined) return { diskBytes: null, diskSizeBytes: null };
  return { diskBytes: found.blocks * 512, diskSizeBytes: found.size };
}
