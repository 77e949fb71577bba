import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeGuest, fakeGuest, type GuestEnd, type Script } from '../../test/fakes/guest.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { frameTypes } from '../protocol/frame.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { copyTree } from './copy.ts';
import { openGuestSource } from './guest-source.ts';
import { openGuestTarget } from './guest-target.ts';
import { openLocalTarget } from './local-target.ts';
import { encodeData, encodeDone, encodeEnd, encodeFile, encodeFolder, type Meta } from './records.ts';
import { streamSource } from './stream.ts';

const meta: Meta = { mode: 0o600, seconds: 1, nanoseconds: 0 };
const file = Buffer.concat([encodeFile(meta, 3), encodeData(Buffer.from('abc')), encodeEnd(), encodeDone()]);
const refusal = () => new MvmError('USAGE', 'it is a folder');

let guest: FakeGuest | undefined;
let dir: string;
let abort: AbortController;
beforeEach(() => {
  dir = join(temporaryFolder('mvm-copy-'), 'to');
  mkdirSync(dir);
  abort = new AbortController();
});
afterEach(() => guest?.close());

const begin = async (g: GuestEnd, fields: object = { path: '/f', kind: 'file', size: 3 }): Promise<void> => {
  await g.welcome();
  await g.started(fields);
};
const result = (g: GuestEnd) => g.object(frameTypes.result, { files: 1, bytes: 3 });
const fails = (g: GuestEnd, code: string, message: string) => g.object(frameTypes.error, { code, message });

async function copyOut(script: Script, onlyFile = true): Promise<void> {
  guest = await fakeGuest(script);
  const { signal } = abort;
  const source = await openGuestSource({ ...guest, name: 'demo' }, '/f', !onlyFile, refusal, signal);
  await copyTree(source, openLocalTarget(dir, false, 'f'), { onlyFile, signal });
}

async function copyIn(script: Script, input = Readable.from([Buffer.from('abc')])): Promise<void> {
  guest = await fakeGuest(script);
  const { signal } = abort;
  const target = await openGuestTarget(
    { ...guest, name: 'demo' },
    { path: '/f', slash: false, name: '', kind: 'stream', signal },
  );
  await copyTree(streamSource(input, signal), target, { onlyFile: true, signal });
}

describe('from a guest', () => {
  test('a file arrives in whatever pieces it comes', async () => {
    await copyOut(async (g) => {
      expect(g.open).toEqual({ op: 'copy', direction: 'read', path: '/f', recursive: false });
      await begin(g);
      for (const byte of file) await g.data(1, Buffer.from([byte]));
      await result(g);
    });
    expect(readFileSync(join(dir, 'f'), 'utf8')).toBe('abc');
  });

  test.each<[string, string, string, Script]>([
    [
      'what it can not read',
      'FILE_UNUSABLE',
      "Can't read demo:/f: permission denied.",
      (g) => g.welcome().then(() => fails(g, 'unreadable', '/f: permission denied')),
    ],
    [
      'a folder',
      'USAGE',
      'it is a folder',
      (g) => g.welcome().then(() => fails(g, 'is_folder', '/f: it is a folder')),
    ],
    [
      'an end in the middle',
      'GUEST_LOST',
      'The connection',
      (g) =>
        begin(g)
          .then(() => g.data(1, file.subarray(0, 40)))
          .then(() => g.destroy()),
    ],
    [
      'a failure in the middle',
      'FILE_UNUSABLE',
      'the disk is failing',
      (g) =>
        begin(g)
          .then(() => g.data(1, file.subarray(0, 40)))
          .then(() => fails(g, 'unreadable', '/f: the disk is failing')),
    ],
    [
      'a result before the end',
      'TREE_REFUSED',
      'no end',
      (g) =>
        begin(g)
          .then(() => g.data(1, file.subarray(0, 40)))
          .then(() => result(g)),
    ],
    [
      'a folder where a file was asked for',
      'TREE_REFUSED',
      'more than the file',
      (g) => begin(g).then(() => g.data(1, encodeFolder(meta))),
    ],
    ['what is no tree', 'TREE_REFUSED', 'malformed', (g) => begin(g).then(() => g.data(1, 'no tree at all'))],
    ['data on another stream', 'GUEST_PROTOCOL', '', (g) => begin(g).then(() => g.data(2, file))],
    ['credit for what is not sent', 'GUEST_PROTOCOL', '', (g) => begin(g).then(() => g.credit(1))],
  ])('%s is an error, and leaves nothing', async (_, code, message, script) => {
    await expect(copyOut(script)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(readdirSync(dir)).toEqual([]);
  });

  test('the name is the one that was asked for, whatever the guest would like', async () => {
    writeFileSync(join(dir, '.bashrc'), 'mine');
    const named = Buffer.concat([encodeFile(meta, 3, 0, Buffer.from('.bashrc')), encodeEnd(), encodeDone()]);
    await expect(copyOut((g) => begin(g).then(() => g.data(1, named)))).rejects.toMatchObject({
      code: 'TREE_REFUSED',
    });
    expect([readdirSync(dir), readFileSync(join(dir, '.bashrc'), 'utf8')]).toEqual([['.bashrc'], 'mine']);
  });

  test('an abort ends it while the guest says nothing, and leaves nothing', async () => {
    const copying = copyOut(async (g) => {
      await begin(g);
      await g.data(1, file.subarray(0, 40));
      setTimeout(() => abort.abort(new MvmError('INTERRUPTED', 'enough')), 50);
      await g.until(frameTypes.close).catch(() => {});
    });
    await expect(copying).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe('to a guest', () => {
  test('a stream goes within the credit, and is complete when the guest says so', async () => {
    const got: Buffer[] = [];
    await copyIn(async (g) => {
      expect(g.open).toEqual({ op: 'copy', direction: 'write', path: '/f', name: '' });
      await begin(g, { path: '/f', kind: '', size: 0 });
      await g.consume((bytes) => got.push(Buffer.from(bytes)), 7);
      await result(g);
    });
    expect(Buffer.concat(got).subarray(-13).toString('hex')).toBe('6162630700000000' + '0900000000');
  });

  test('a full disk ends it while the source still waits for input', async () => {
    const endless = new Readable({ read() {} });
    endless.push('abc');
    const copying = copyIn(async (g) => {
      await begin(g, { path: '/f', kind: '', size: 0 });
      await g.credit(1000);
      // All of what there is: then the source waits.
      for (let seen = 0; seen < 39; ) seen += (await g.next())?.payload.length ?? 39;
      await fails(g, 'full', '/f: the disk is full');
    }, endless);
    await expect(copying).rejects.toMatchObject({
      code: 'STATE_WRITE',
      message: "Can't write demo:/f: the disk is full.",
      hint: 'mvmctl exec demo -- df -h /',
    });
    expect(endless.destroyed).toBe(true);
  });

  test('a guest that is lost is an error', async () => {
    const copying = copyIn(async (g) => {
      await begin(g, { path: '/f', kind: '', size: 0 });
      g.destroy();
    });
    await expect(copying).rejects.toMatchObject({ code: 'GUEST_LOST' });
  });
});
