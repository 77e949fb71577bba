import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../process/run.ts';
import type { Arch } from '../../backend.ts';
import { probeGuest, probeGuestArguments, successStatus } from './guest.ts';

/** The guest needs a few milliseconds, QEMU about 100 to start. */
const trialTimeoutMs = 2000;

/** Calls `use` with a file that holds the probe guest. */
export async function withProbeGuest<T>(arch: Arch, use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mvm-probe-'));
  try {
    const path = join(folder, 'guest');
    await writeFile(path, probeGuest(arch));
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the probe guest under KVM. Returns an empty string if it got through, else the reason. */
export function tryKvm(binary: string, arch: Arch): Promise<string> {
  return withProbeGuest(arch, async (guest) => {
    const result = await run([binary, ...probeGuestArguments(arch, 'kvm', guest)], {
      ...(arch === 'x86_64' ? { input: 'q' } : {}),
      maxOutputBytes: 65_536,
      timeoutMs: trialTimeoutMs,
    });
    if (result.status === successStatus[arch]) return '';
    if (result.cut === 'timeout') {
      return `/dev/kvm exists, but a guest of a few instructions did not finish in ${trialTimeoutMs / 1000} seconds`;
    }
    const line = result.stderr
      .trim()
      .split('\n')[0]
      ?.replace(/^qemu-system-\S+: /, '');
    const how = result.signal === undefined ? `status ${result.status}` : result.signal;
    return `/dev/kvm exists, but a trial guest failed (${line || how})`;
  });
}
