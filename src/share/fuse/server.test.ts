import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { fields, type Kernel, name, playKernel } from './kernel.fixture.ts';
import { notices, opcodes, rootId } from './layout.ts';

const { invalidateEntry, invalidateInode, event } = notices;

async function told(kernel: Kernel, code: number): Promise<Buffer> {
  for (let i = 0; i < 200; i++) {
    const found = kernel.notices().find((one) => one.code === code);
    if (found !== undefined) return found.body;
    await delay(5);
  }
  throw new Error(`no notice ${code}`);
}

test('what the guest writes is in the folder, and what is in the folder is what it reads', () => {
  const kernel = playKernel();
  const id = kernel.make(rootId, 'a');
  expect(kernel.write(id, 'hello')).toBe(5);
  expect(readFileSync(join(kernel.dir, 'a'), 'utf8')).toBe('hello');
  writeFileSync(join(kernel.dir, 'b'), 'there');
  expect(kernel.read(kernel.lookup(rootId, 'b'))).toBe('there');
  expect(kernel.lookup(rootId, 'none')).toBe(0);
  kernel.server.close();
});

test('a file that loses its last name is read and written by those who have it open', () => {
  const kernel = playKernel();
  const id = kernel.make(rootId, 'a');
  kernel.write(id, 'hello');
  expect(kernel.ask(opcodes.unlink, rootId, name('a')).error).toBe(0);
  expect(existsSync(join(kernel.dir, 'a'))).toBe(false);
  expect(kernel.write(id, 'y', 4)).toBe(1);
  expect(kernel.read(id)).toBe('helly');
  kernel.ask(opcodes.forget, id, fields(8, [0, 1]));
  expect(kernel.ask(opcodes.getattr, id).error).toBe(-116);
  kernel.server.close();
});

test('the guest is told of what others change, and of nothing that it did itself', async () => {
  const kernel = playKernel();
  writeFileSync(join(kernel.dir, 'a'), '1');
  const id = kernel.lookup(rootId, 'a');
  const own = kernel.make(rootId, 'own');
  kernel.write(own, 'mine');
  await delay(60);
  expect(kernel.notices()).toEqual([]);
  writeFileSync(join(kernel.dir, 'a'), '22');
  expect(Number((await told(kernel, invalidateInode)).readBigUInt64LE(0))).toBe(id);
  writeFileSync(join(kernel.dir, 'new'), '');
  expect((await told(kernel, invalidateEntry)).toString('latin1', 16)).toBe('new\0');
  kernel.server.close();
});

test('an editor that saves by a rename is a file that is replaced', async () => {
  const kernel = playKernel();
  writeFileSync(join(kernel.dir, 'a'), '1');
  const id = kernel.lookup(rootId, 'a');
  writeFileSync(join(kernel.dir, '.a.swp'), '22');
  renameSync(join(kernel.dir, '.a.swp'), join(kernel.dir, 'a'));
  await told(kernel, invalidateEntry);
  const after = kernel.lookup(rootId, 'a');
  expect(after).not.toBe(id);
  expect(kernel.read(after)).toBe('22');
  kernel.server.close();
});

test('an event is answered as if it was done, and does nothing to the folder', async () => {
  const kernel = playKernel();
  const thread = 99;
  kernel.ask(opcodes.attached, 0, Buffer.alloc(0), thread);
  writeFileSync(join(kernel.dir, 'gone'), 'x');
  expect(kernel.lookup(rootId, 'gone')).toBeGreaterThan(1);
  writeFileSync(join(kernel.dir, 'new'), 'kept');
  expect((await told(kernel, event)).toString('latin1', 24)).toBe('new\0');
  // As the agent does it: it finds no such name, and creates it.
  expect(kernel.ask(opcodes.lookup, rootId, name('new'), thread).error).toBe(-2);
  const made = kernel.ask(
    opcodes.mknod,
    rootId,
    Buffer.concat([fields(16, [0, 0o100644]), name('new')]),
    thread,
  );
  expect(made.error).toBe(0);
  const id = Number(made.body.readBigUInt64LE(0));
  expect(kernel.ask(opcodes.setattr, id, fields(88, [0, 8]), thread).error).toBe(0);
  expect(readFileSync(join(kernel.dir, 'new'), 'utf8')).toBe('kept');
  kernel.ask(opcodes.made, 0);
  rmSync(join(kernel.dir, 'gone'));
  await told(kernel, event);
  expect(kernel.ask(opcodes.lookup, rootId, name('gone'), thread).error).toBe(0);
  expect(kernel.ask(opcodes.unlink, rootId, name('gone'), thread).error).toBe(0);
  // Nothing else is done in its name.
  expect(kernel.ask(opcodes.unlink, rootId, name('new'), thread).error).toBe(-1);
  expect(kernel.ask(opcodes.write, id, Buffer.concat([fields(40, [16, 1]), name('')]), thread).error).toBe(
    -1,
  );
  expect(readdirSync(kernel.dir)).toEqual(['new']);
  kernel.server.close();
});

test('a process that takes the place of another goes on with the same numbers', () => {
  const first = playKernel();
  mkdirSync(join(first.dir, 'd'));
  const folder = first.lookup(rootId, 'd');
  const id = first.make(folder, 'a');
  first.write(id, 'hello');
  const gone = first.make(folder, 'gone');
  first.ask(opcodes.unlink, folder, name('gone'));
  first.ask(opcodes.forget, gone, fields(8, [0, 1]));
  const second = playKernel({ dir: first.dir, earlier: first.noted });
  expect(second.read(id)).toBe('hello');
  expect(second.lookup(folder, 'a')).toBe(id);
  expect(second.make(folder, 'new')).toBeGreaterThan(gone);
  expect([...second.server.records()]).toHaveLength(3);
  first.server.close();
  second.server.close();
});

test('names that are none, and numbers that were not given, are refused', () => {
  const kernel = playKernel();
  for (const bad of ['', '.', '..', 'a/b', '/etc'])
    expect(kernel.ask(opcodes.lookup, rootId, name(bad)).error).toBe(-22);
  expect(kernel.ask(opcodes.lookup, rootId, name('x'.repeat(256))).error).toBe(-36);
  expect(kernel.ask(opcodes.lookup, rootId, Buffer.from('no end')).error).toBe(-22);
  for (const id of [0, 2, 77, 2 ** 60]) expect(kernel.ask(opcodes.getattr, id).error).toBe(-116);
  kernel.server.close();
});

test('a link is a text, and nothing behind it is reached', () => {
  const outside = temporaryFolder('mvm-share-outside-');
  writeFileSync(join(outside, 'secret'), 'secret');
  const kernel = playKernel();
  symlinkSync(outside, join(kernel.dir, 'folder'));
  symlinkSync(join(outside, 'secret'), join(kernel.dir, 'file'));
  const [folder, file] = [kernel.lookup(rootId, 'folder'), kernel.lookup(rootId, 'file')];
  expect(kernel.ask(opcodes.readlink, folder).body.toString()).toBe(outside);
  expect(kernel.lookup(folder, 'secret')).toBeLessThan(0);
  expect(kernel.make(folder, 'made')).toBeLessThan(0);
  expect(kernel.read(file)).toMatch(/^error/);
  expect(kernel.write(file, 'x')).toBeLessThan(0);
  expect(readdirSync(outside)).toEqual(['secret']);
  expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret');
  kernel.server.close();
});

test('no device, no pipe, and no set-user-ID is made', () => {
  const kernel = playKernel();
  for (const type of [0o010000, 0o020000, 0o060000, 0o140000]) {
    const body = Buffer.concat([fields(16, [0, type | 0o666]), name('special')]);
    expect(kernel.ask(opcodes.mknod, rootId, body).error).toBe(-1);
  }
  const body = Buffer.concat([fields(16, [0, 0o106755]), name('suid')]);
  expect(kernel.ask(opcodes.mknod, rootId, body).error).toBe(0);
  expect(statSync(join(kernel.dir, 'suid')).mode & 0o7777).toBe(0o755);
  const id = kernel.lookup(rootId, 'suid');
  kernel.ask(opcodes.setattr, id, fields(88, [0, 1], [68, 0o106777]));
  expect(statSync(join(kernel.dir, 'suid')).mode & 0o7777).toBe(0o777);
  kernel.server.close();
});

test('a share that is only read is not written, whatever the guest’s kernel asks', () => {
  const kernel = playKernel({ isReadOnly: true });
  writeFileSync(join(kernel.dir, 'a'), '1');
  const id = kernel.lookup(rootId, 'a');
  expect(kernel.make(rootId, 'b')).toBe(-30);
  expect(kernel.write(id, 'x')).toBe(-30);
  expect(kernel.ask(opcodes.unlink, rootId, name('a')).error).toBe(-30);
  expect(kernel.ask(opcodes.setattr, id, fields(88, [0, 8])).error).toBe(-30);
  expect(kernel.read(id)).toBe('1');
  kernel.server.close();
});

/** Lehmer's, with a seed, so that a failure can be had again. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

/** `MVM_FUZZ_FRAMES=1000000` for a long run. */
const messages = Number(process.env.MVM_FUZZ_FRAMES) || 20_000;

test(`${messages} random messages end nothing, and touch nothing outside of the folder`, () => {
  const random = randomFrom(11);
  const above = temporaryFolder('mvm-share-fuzz-');
  const dir = join(above, 'share');
  mkdirSync(dir);
  writeFileSync(join(above, 'outside'), 'untouched');
  symlinkSync('..', join(dir, 'up'));
  const kernel = playKernel({ dir });
  const codes = Object.values(opcodes);
  const names = ['a', 'b', 'up', '..', '../outside', 'd', 'x'.repeat(300), ''];
  for (let i = 0; i < messages; i++) {
    const head = fields(8 + random(92), [0, random(5) === 0 ? random(2 ** 31) : 1 + random(30)]);
    for (let at = 8; at < head.length; at++) if (random(6) === 0) head[at] = random(256);
    const parts = [head, name(names[random(names.length)] ?? ''), name(names[random(names.length)] ?? '')];
    const opcode = random(10) === 0 ? random(100) : (codes[random(codes.length)] ?? 1);
    kernel.ask(opcode, random(9) === 0 ? random(2 ** 31) : 1 + random(30), Buffer.concat(parts));
    if (i % 1000 === 0) kernel.notices();
  }
  kernel.server.close();
  expect(readdirSync(above).sort()).toEqual(['outside', 'share']);
  expect(readFileSync(join(above, 'outside'), 'utf8')).toBe('untouched');
}, 600_000);
