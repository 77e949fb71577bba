import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HostFacts } from './host.ts';
import { probe } from './probe.ts';

const host: HostFacts = {
  platform: 'linux',
  arch: 'x86_64',
  cpuFlags: new Set(['svm', 'tsc_known_freq']),
  cpuModel: 'A CPU',
  cpuMhz: 2596.126,
  frequencyScaling: false,
  kvmNode: 'usable',
  bootId: 'boot',
};

let folder: string;
let cacheDir: string;
let calls: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mvm-probe-test-'));
  cacheDir = join(folder, 'cache');
  calls = join(folder, 'calls');
  await mkdir(join(folder, 'bin'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A QEMU on PATH that writes down its calls; `trial` is what it does with a guest under KVM. */
async function fakeQemu(
  options: { version?: string; trial?: string; sandbox?: string } = {},
): Promise<string> {
  const {
    version = 'QEMU emulator version 7.2.22 (Debian 1:7.2)',
    trial = 'exit 33',
    sandbox = '',
  } = options;
  const path = join(folder, 'bin', 'qemu-system-x86_64');
  const script = `#!/bin/sh
printf '%s\\n' "$*" >> '${calls}'
case "$*" in
  --version) echo '${version}';;
  *"-accel kvm"*) ${trial};;
  *-sandbox*) ${sandbox || ':'};;
esac
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

const look = (
  facts: HostFacts = host,
  env: NodeJS.ProcessEnv = { PATH: `${join(folder, 'bin')}:/usr/bin:/bin` },
) => probe('x86_64', { cacheDir, env }, async () => facts);
const called = async () => (await readFile(calls, 'utf8').catch(() => '')).trim().split('\n');

describe('probe', () => {
  it('takes KVM when the trial guest got through', async () => {
    const binary = await fakeQemu();
    expect(await look()).toEqual({
      available: true,
      arch: 'x86_64',
      binary,
      version: '7.2.22',
      accelerator: 'kvm',
      reason: '',
      notice: 'QEMU with KVM',
      tscKhz: undefined,
      sandbox: true,
      memfd: process.platform === 'linux',
      host: expect.stringContaining(binary),
    });
  });
  it('emulates, and says why, when KVM opens but its guests fail', async () => {
    await fakeQemu({ trial: 'echo "qemu-system-x86_64: error: failed to set MSR" >&2; kill -ABRT $$' });
    expect(await look()).toMatchObject({
      accelerator: 'tcg',
      reason: expect.stringMatching(/trial guest failed \(error: failed to set MSR\)/),
      tscKhz: 2_596_126,
    });
  });
  it('emulates when a KVM guest hangs', async () => {
    await fakeQemu({ trial: 'exec sleep 60' });
    expect(await look()).toMatchObject({
      accelerator: 'tcg',
      reason: expect.stringMatching(/did not finish/),
    });
  });
  it('starts no trial on a CPU without virtualisation', async () => {
    await fakeQemu();
    const facts = { ...host, cpuFlags: new Set(['tsc_known_freq']) };
    expect(await look(facts)).toMatchObject({
      accelerator: 'tcg',
      notice: expect.stringMatching(/neither vmx nor svm; expect a boot of/),
    });
    expect((await called()).some((call) => call.includes('kvm'))).toBe(false);
  });
  it('needs no process the second time, until QEMU or the host changes', async () => {
    await fakeQemu();
    const first = await look();
    const before = (await called()).length;
    expect(await look()).toEqual(first);
    expect((await called()).length).toBe(before);
    await look({ ...host, bootId: 'another' });
    expect((await called()).length).toBe(2 * before);
    await fakeQemu({ version: 'QEMU emulator version 10.0.2' });
    expect(await look()).toMatchObject({ version: '10.0.2' });
  });
  it('looks again when the kept verdict is damaged', async () => {
    await fakeQemu();
    await look();
    await writeFile(join(cacheDir, 'qemu-x86_64.json'), '{"key":');
    expect(await look()).toMatchObject({ available: true, accelerator: 'kvm' });
  });
  it('does without the sandbox where QEMU has none', async () => {
    await fakeQemu({ sandbox: 'exit 1' });
    expect(await look()).toMatchObject({ available: true, sandbox: false });
  });
  it('refuses a QEMU that is too old, naming both versions', async () => {
    await fakeQemu({ version: 'QEMU emulator version 5.2.0' });
    expect(await look()).toMatchObject({ available: false, reason: expect.stringMatching(/5\.2\.0.*6\.2/) });
  });
  it('refuses a program that is no QEMU', async () => {
    await fakeQemu({ version: 'hello' });
    expect(await look()).toMatchObject({ available: false, reason: expect.stringMatching(/--version/) });
  });
  it('says that QEMU is missing, with the command that installs it', async () => {
    expect(await look(host, { PATH: join(folder, 'bin') })).toMatchObject({
      available: false,
      reason: expect.stringMatching(/qemu-system-x86_64 is not installed/),
      hint: expect.stringMatching(/./),
    });
  });
  it('blames the override when that names no program', async () => {
    await fakeQemu();
    const env = { PATH: join(folder, 'bin'), MVM_QEMU_X86_64: '/nowhere/qemu' };
    expect(await look(host, env)).toMatchObject({
      reason: expect.stringMatching(/MVM_QEMU_X86_64.*\/nowhere/),
    });
  });
});
