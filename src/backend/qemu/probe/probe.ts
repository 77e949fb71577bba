import { stat } from 'node:fs/promises';
import type { Arch, Probe, ProbeContext } from '../../backend.ts';
import { candidate, notice } from './accelerator.ts';
import {
  findBinary,
  hasSandbox,
  isNewEnough,
  minVersion,
  overrideVariable,
  programName,
  readVersion,
} from './binary.ts';
import { readVerdict, type Verdict, writeVerdict } from './cache.ts';
import { type HostFacts, readHostFacts } from './host.ts';
import { installHint } from './install-hint.ts';
import { tryKvm } from './trial.ts';
import { knownTscKhz, measureTscKhz } from './tsc.ts';

/** Asks QEMU and the host; a second or less, but several processes. */
async function examine(
  binary: string,
  arch: Arch,
  host: HostFacts,
  key: string,
): Promise<Verdict | undefined> {
  const version = await readVersion(binary);
  if (version === undefined) return undefined;
  const verdict: Verdict = { key, version, sandbox: false };
  if (!isNewEnough(version)) return verdict;
  verdict.sandbox = await hasSandbox(binary);
  if (candidate(arch, host).accelerator === 'kvm') verdict.kvm = await tryKvm(binary, arch);
  const emulated = candidate(arch, host).accelerator === 'tcg' || (verdict.kvm ?? '') !== '';
  if (arch === 'x86_64' && emulated) {
    // Without a number the kernel calibrates on its own, which works on an idle host.
    const measured = knownTscKhz(host) ?? (await measureTscKhz(binary).catch(() => undefined));
    if (measured !== undefined && measured > 0) verdict.tscKhz = measured;
  }
  return verdict;
}

/**
 * Finds QEMU and how it can run guests here. All that needs a process is remembered in `cacheDir`, until
 * the binary, the host's boot, its CPU or the access to /dev/kvm change.
 */
export async function probe(
  arch: Arch,
  context: ProbeContext,
  facts: () => Promise<HostFacts> = readHostFacts,
): Promise<Probe> {
  const env = context.env ?? process.env;
  const binary = await findBinary(arch, env);
  if (binary === undefined) {
    const override = env[overrideVariable[arch]];
    return override
      ? {
          available: false,
          arch,
          reason: `${overrideVariable[arch]} names ${override}, which is not an executable file`,
          hint: `unset ${overrideVariable[arch]}`,
        }
      : {
          available: false,
          arch,
          reason: `${programName(arch)} is not installed (not on PATH)`,
          hint: (await installHint(arch)).command,
        };
  }
  const [file, host] = await Promise.all([stat(binary), facts()]);
  const key = JSON.stringify([
    ...[1, binary, file.mtimeMs, file.size, host.bootId, host.cpuModel, host.kvmNode],
    process.platform,
  ]);
  let verdict = await readVerdict(context.cacheDir, arch, key);
  if (verdict === undefined) {
    verdict = await examine(binary, arch, host, key);
    if (verdict === undefined) {
      return {
        available: false,
        arch,
        reason: `${binary} does not answer --version as QEMU does`,
        hint: `${binary} --version`,
      };
    }
    await writeVerdict(context.cacheDir, arch, verdict);
  }
  const { version, sandbox } = verdict;
  if (!isNewEnough(version)) {
    return {
      available: false,
      arch,
      reason: `${binary} is QEMU ${version}; mvm needs ${minVersion.join('.')} or newer`,
      hint: (await installHint(arch)).command,
    };
  }
  let { accelerator, reason } = candidate(arch, host);
  if (accelerator === 'kvm' && verdict.kvm !== '') {
    accelerator = 'tcg';
    reason = verdict.kvm ?? 'KVM was not tried';
  }
  return {
    available: true,
    arch,
    binary,
    version,
    accelerator,
    reason,
    notice: notice(accelerator, reason),
    tscKhz: accelerator === 'tcg' ? verdict.tscKhz : undefined,
    sandbox,
    memfd: process.platform === 'linux',
    host: JSON.stringify([binary, file.mtimeMs, file.size, version, host.cpuModel]),
  };
}
