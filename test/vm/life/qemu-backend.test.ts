import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Available, VmSpec } from '../../../src/backend/backend.ts';
import { qemu } from '../../../src/backend/qemu/backend.ts';
import { probeGuest } from '../../../src/backend/qemu/probe/guest.ts';
import { measureTscKhz } from '../../../src/backend/qemu/probe/tsc.ts';
import { connectQmp } from '../../../src/backend/qemu/run/qmp.ts';
import type { ProcessIdentity } from '../../../src/process/identity.ts';
import { terminate, waitForEnd } from '../../../src/process/terminate.ts';
import { newVmId } from '../../../src/vm/boot/plan.ts';

/** Real QEMU, but a guest of a few instructions: what QEMU does is tested here, not what Linux does. */
const cacheDir = await mkdtemp(join(tmpdir(), 'mvm-vm-cache-'));
afterAll(() => rm(cacheDir, { recursive: true }));
const probed = await qemu.probe('x86_64', { cacheDir });
if (!probed.available && process.env.MVM_REQUIRE_QEMU === '1') throw new Error(probed.reason);

describe.skipIf(!probed.available)('the QEMU backend', () => {
  const probe = probed as Available;
  let folder: string;
  let spec: VmSpec;
  const running: ProcessIdentity[] = [];

  beforeEach(async () => {
    // The comma is a trap for option strings.
    folder = await mkdtemp(join(tmpdir(), 'mvm,vm-'));
    const [vmDir, runtimeDir] = [join(folder, 'vm'), join(folder, 'run')];
    await mkdir(vmDir);
    await mkdir(runtimeDir);
    await writeFile(join(folder, 'kernel'), probeGuest('x86_64'));
    await writeFile(join(folder, 'initrd'), 'not read by this guest');
    await writeFile(join(folder, 'disk.img'), '');
    await truncate(join(folder, 'disk.img'), 1024 * 1024);
    spec = {
      id: newVmId(),
      name: 'smoke',
      arch: 'x86_64',
      vcpus: 1,
      memoryMib: 128,
      kernel: join(folder, 'kernel'),
      initrd: join(folder, 'initrd'),
      commandLine: '',
      disks: [{ path: join(folder, 'disk.img'), readOnly: false }],
      network: 'user',
      vmDir,
      runtimeDir,
      ports: 16,
    };
  });
  afterEach(async () => {
    for (const identity of running.splice(0)) await terminate(identity, { graceMs: 0 });
    await rm(folder, { recursive: true, force: true });
  });

  async function up(): Promise<ProcessIdentity> {
    const { identity } = await qemu.start(qemu.plan(spec, probe));
    running.push(identity);
    return identity;
  }

  it('starts, answers, opens its channels and stops', async () => {
    const identity = await up();
    expect(await qemu.status(identity)).toBe('running');
    const qmp = await connectQmp(join(spec.runtimeDir, 'qmp.sock'));
    expect(await qmp.execute('query-status')).toMatchObject({ running: true });
    qmp.close();
    for (const port of ['event', 0, 15] as const) (await qemu.connect(spec.runtimeDir, port)).destroy();
    await qemu.stop(identity, spec.runtimeDir);
    expect(await qemu.status(identity)).toBe('stopped');
    await expect(qemu.connect(spec.runtimeDir, 'event')).rejects.toMatchObject({ code: 'VM_NOT_RUNNING' });
  });
  it('is dead after kill -9, and starts again over what that left behind', async () => {
    const first = await up();
    process.kill(first.pid, 'SIGKILL');
    expect(await waitForEnd(first, 5000)).toBe(true);
    expect(await qemu.status(first)).toBe('stopped');
    expect(await qemu.findOrphan(spec)).toBeUndefined();
    expect(await qemu.status(await up())).toBe('running');
  });
  it('finds the QEMU whose identity nobody recorded, and no other', async () => {
    const identity = await up();
    expect(await qemu.findOrphan(spec)).toEqual(identity);
    expect(await qemu.findOrphan({ id: newVmId(), vmDir: spec.vmDir })).toBeUndefined();
  });
  it('refuses a second start, whether or not the first still answers', async () => {
    await up();
    await expect(up()).rejects.toMatchObject({ code: 'VM_RUNNING' });
  });
  it('refuses a disk that another QEMU uses', async () => {
    await up();
    const other = { ...spec, id: newVmId(), vmDir: join(folder, 'vm2'), runtimeDir: join(folder, 'run2') };
    await mkdir(other.vmDir);
    await mkdir(other.runtimeDir);
    await expect(qemu.start(qemu.plan(other, probe))).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: expect.stringMatching(/another QEMU uses the same disk/),
    });
  });
  it('stops a QEMU that does not answer any more', async () => {
    const identity = await up();
    process.kill(identity.pid, 'SIGSTOP');
    await qemu.stop(identity, spec.runtimeDir, { force: true });
    expect(await qemu.status(identity)).toBe('stopped');
  });
  it.runIf(probe.tscKhz !== undefined && process.arch === 'x64')(
    "measures the time stamp counter within a hundredth of the host's own number",
    async () => {
      const measured = await measureTscKhz(probe.binary);
      expect(Math.abs(measured / (probe.tscKhz ?? 1) - 1)).toBeLessThan(0.01);
    },
  );
});
