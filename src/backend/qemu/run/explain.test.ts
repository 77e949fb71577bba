import { expect, it } from 'vitest';
import { explain } from './explain.ts';

// Lines as QEMU 7.2 and 10 print them.
it.each([
  ['qemu: -device virtio-blk-pci,drive=d: Failed to get "write" lock', /another QEMU/],
  ["qemu: cannot set up guest memory 'pc.ram': Cannot allocate memory", /not enough free memory/],
  ['Could not access KVM kernel module: Permission denied', /KVM is not usable/],
  ['qemu: -accel kvm: failed to initialize kvm: No such file or directory', /KVM is not usable/],
  ["qemu: could not open '/x/disk.img': Permission denied", /may not be opened/],
  ["qemu: could not load PC BIOS 'qboot.rom'", /qboot\.rom/],
])('says what it means: %s', (line, meaning) => {
  expect(explain(`warning: something\n${line}\n`).text).toMatch(meaning);
});

it('says nothing about what it does not know', () => {
  expect(explain('qemu: a new sort of failure')).toEqual({ text: '', hint: undefined });
});
