import { describe, expect, it } from 'vitest';
import type { Accelerator, Arch, Available, VmSpec } from '../../src/backend/backend.ts';
import { plan } from '../../src/backend/qemu/plan/plan.ts';

const spec = (arch: Arch, more: Partial<VmSpec> = {}): VmSpec => ({
  id: '0123456789ab',
  name: 'demo',
  arch,
  vcpus: 2,
  memoryMib: 1024,
  kernel: '/cache/images/x/kernel',
  initrd: '/state/vms/demo/initrd',
  commandLine: 'init.debug=1',
  disks: [{ path: '/state/vms/demo/disk.img', readOnly: false }],
  network: 'user',
  vmDir: '/state/vms/demo',
  runtimeDir: '/run/mvm/0123456789ab',
  ports: 2,
  ...more,
});

const probe = (arch: Arch, accelerator: Accelerator, more: Partial<Available> = {}): Available => ({
  available: true,
  arch,
  binary: `/usr/bin/qemu-system-${arch}`,
  version: '10.0.2',
  accelerator,
  notice: '',
  reason: '',
  host: 'this one',
  tscKhz: arch === 'x86_64' && accelerator === 'tcg' ? 2_596_126 : undefined,
  sandbox: true,
  memfd: true,
  ...more,
});

/** One option a line, so that a change is one line in a review. */
function lines(argv: readonly string[]): string {
  const text: string[] = [];
  for (const word of argv) {
    if (word.startsWith('-') || text.length === 0) text.push(word);
    else text[text.length - 1] += ` ${word}`;
  }
  return `${text.join('\n')}\n`;
}

describe("QEMU's command line", () => {
  it.each([
    ['x86_64', 'kvm'],
    ['x86_64', 'tcg'],
    ['x86_64', 'hvf'],
    ['aarch64', 'kvm'],
    ['aarch64', 'tcg'],
    ['aarch64', 'hvf'],
  ] as const)('for %s with %s', async (arch, accelerator) => {
    const { argv } = plan(spec(arch), probe(arch, accelerator));
    await expect(lines(argv)).toMatchFileSnapshot(`golden/qemu-${arch}-${accelerator}.txt`);
  });
  it('of a template, and of a VM that goes on from it, is for the same machine, with other files behind it', () => {
    const files = { memory: '/cache/templates/k/memory', state: '/cache/templates/k/state' };
    const tcg = probe('x86_64', 'tcg');
    const placeholder = { path: '', readOnly: false, placeholder: 4096 };
    const saved = spec('x86_64', { disks: [placeholder], template: { ...files, use: 'save' } });
    const made = plan(saved, tcg);
    const resumed = plan(spec('x86_64', { template: { ...files, use: 'resume' } }), tcg);
    expect(made.load).toBeUndefined();
    expect(resumed.load).toBe(files.state);
    const [mine, yours] = [lines(made.argv).split('\n'), lines(resumed.argv).split('\n')];
    expect(mine.filter((line) => !yours.includes(line))).toEqual([
      '-object memory-backend-file,id=ram,size=1024M,mem-path=/cache/templates/k/memory,share=on',
      '-initrd /state/vms/demo/initrd',
      '-blockdev driver=null-co,node-name=disk-0-file,size=4096,read-zeroes=on',
    ]);
    expect(yours.filter((line) => !mine.includes(line))).toEqual([
      '-object memory-backend-file,id=ram,size=1024M,mem-path=/cache/templates/k/memory,share=off',
      '-blockdev driver=file,node-name=disk-0-file,filename=/state/vms/demo/disk.img,read-only=off,locking=on,discard=unmap',
      '-incoming defer',
    ]);
  });
  it('without disk, network, sandbox or quiet, in folders with commas', async () => {
    const odd = spec('x86_64', {
      disks: [],
      network: 'none',
      verbose: true,
      commandLine: '',
      vmDir: '/a,b/vm',
      runtimeDir: '/a,b/run',
      name: 'a,b',
    });
    const { argv } = plan(odd, probe('x86_64', 'tcg', { sandbox: false, memfd: false, tscKhz: undefined }));
    await expect(lines(argv)).toMatchFileSnapshot('golden/qemu-bare.txt');
  });
  it('with a disk that is only read', async () => {
    const readOnly = spec('x86_64', {
      disks: [
        { path: '/a,b/rootfs.erofs', readOnly: true },
        { path: '/a,b/disk.img', readOnly: false },
      ],
    });
    const { argv } = plan(readOnly, probe('x86_64', 'kvm'));
    const disk = argv.filter((word) => word.includes('disk'));
    await expect(lines(disk)).toMatchFileSnapshot('golden/qemu-read-only-disk.txt');
  });
  it('gives no CMPXCHG16B to guests of an emulator that gets its flags wrong', () => {
    const cpu = (version: string, accelerator: Accelerator) => {
      const { argv } = plan(spec('x86_64'), probe('x86_64', accelerator, { version }));
      return argv[argv.indexOf('-cpu') + 1];
    };
    expect(cpu('7.2.22', 'tcg')).toContain('-cx16');
    expect(cpu('8.0.0', 'tcg')).toContain('+cx16');
    expect(cpu('10.0.2', 'tcg')).toContain('+cx16');
    expect(cpu('7.2.22', 'kvm')).toBe('host');
  });
  it('is the same for the same spec: nothing of the host or the moment gets in', () => {
    const once = plan(spec('x86_64'), probe('x86_64', 'tcg'));
    expect(plan(spec('x86_64'), probe('x86_64', 'tcg'))).toEqual(once);
  });
});
