import { describe, expect, it } from 'vitest';
import type { VmSpec } from '../../backend.ts';
import { type Host, validate } from './validate.ts';

const host: Host = { cpus: 4, memoryMib: 8192, platform: 'linux' };
const spec: VmSpec = {
  id: 'id',
  name: 'demo',
  arch: 'x86_64',
  vcpus: 2,
  memoryMib: 1024,
  kernel: '/k',
  initrd: '/i',
  commandLine: '',
  disks: [],
  network: 'user',
  vmDir: '/s/vms/demo',
  runtimeDir: '/r/id',
  ports: 16,
};

describe('validate', () => {
  it('accepts what fits, up to the very host', () => {
    expect(validate(spec, host)).toEqual([]);
    expect(validate({ ...spec, vcpus: 4, memoryMib: 8192 }, host)).toEqual([]);
  });
  it('names both numbers when more is asked for than the host has', () => {
    const problems = validate({ ...spec, vcpus: 5, memoryMib: 9000 }, host);
    expect(problems.map((problem) => problem.code)).toEqual(['RESOURCES', 'RESOURCES']);
    expect(problems[0]?.message).toMatch(/5 vCPUs.*has 4/);
    expect(problems[1]?.message).toMatch(/9000 MiB.*8192 MiB/);
  });
  it('refuses what QEMU can not honour, by name', () => {
    const odd = { ...spec, network: 'bridge', ports: 40, vcpus: 0, memoryMib: 1 } as unknown as VmSpec;
    const messages = validate(odd, host).map((problem) => `${problem.code} ${problem.message}`);
    for (const word of ['network = bridge', 'ports = 40', 'vcpus = 0', 'memory = 1 MiB']) {
      expect(
        messages.some((message) => message.includes(word) && message.startsWith('BACKEND_UNSUPPORTED')),
      ).toBe(true);
    }
  });
  it("counts a socket path's bytes, not its letters, up to the system's limit", () => {
    // `/event.sock` has 11 bytes: 107 on Linux and 103 on macOS are the last to fit.
    const path = (length: number) => `/${'r'.repeat(length - 12)}`;
    const codes = (length: number, platform: NodeJS.Platform) =>
      validate({ ...spec, runtimeDir: path(length) }, { ...host, platform }).map((problem) => problem.code);
    expect(codes(107, 'linux')).toEqual([]);
    expect(codes(108, 'linux')).toEqual(['PATH_TOO_LONG']);
    expect(codes(103, 'darwin')).toEqual([]);
    expect(codes(104, 'darwin')).toEqual(['PATH_TOO_LONG']);
    const wide = validate({ ...spec, runtimeDir: `/${'é'.repeat(60)}` }, host);
    expect(wide[0]?.hint).toMatch(/MVM_RUNTIME_DIR/);
  });
});
