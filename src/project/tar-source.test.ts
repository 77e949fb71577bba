import { createHash } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  open,
  realpath,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { extract, type Header } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readSource } from './source.ts';
import { tarStream } from './tar-source.ts';

let dir: string;
beforeEach(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'mvm-tar-')));
});
afterEach(() => rm(dir, { recursive: true }));

const signal = new AbortController().signal;
const source = () => readSource(dir, { env: process.env, signal });

async function entries(stream: Readable): Promise<[Header, string][]> {
  const found: [Header, string][] = [];
  for await (const entry of stream.pipe(extract()) as AsyncIterable<Readable & { header: Header }>) {
    found.push([entry.header, await text(entry)]);
  }
  return found;
}

async function digest(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of stream) hash.update(piece as Buffer);
  return hash.digest('hex');
}

test('files, links and empty folders arrive with content and mode', async () => {
  const long = `${'d'.repeat(120)}/${'ü'.repeat(100)}`;
  await mkdir(join(dir, 'd'.repeat(120)));
  await writeFile(join(dir, long), 'long');
  await writeFile(join(dir, 'big'), 'x'.repeat(300_000));
  await writeFile(join(dir, 'run'), '#!');
  await writeFile(join(dir, 'nothing'), '');
  await chmod(join(dir, 'run'), 0o700);
  await symlink('run', join(dir, 'link'));
  await mkdir(join(dir, 'void'));
  const found = await entries(tarStream(await source(), signal));
  const seen = found.map(([{ name, type, mode, linkname }, body]) => [
    name,
    type,
    mode,
    linkname,
    body.length,
  ]);
  expect(seen).toEqual([
    ['big', 'file', 0o644, null, 300_000],
    [long, 'file', 0o644, null, 4],
    ['link', 'symlink', 0o777, 'run', 0],
    ['nothing', 'file', 0o644, null, 0],
    ['run', 'file', 0o755, null, 2],
    [expect.stringMatching(/^void\/?$/), 'directory', 0o755, null, 0],
  ]);
  for (const [header] of found) expect(header).toMatchObject({ uid: 0, gid: 0, mtime: new Date(1000) });
});

test('the same files give the same bytes, whenever they were written', async () => {
  await writeFile(join(dir, 'a'), 'one');
  const before = await digest(tarStream(await source(), signal));
  await utimes(join(dir, 'a'), 1, 1);
  expect(await digest(tarStream(await source(), signal))).toBe(before);
});

test.each([
  ['small', 10],
  ['large', 3_000_000],
])('a %s file that changed since it was looked at is an error with its name', async (_, size) => {
  await writeFile(join(dir, 'a'), 'x'.repeat(size));
  const looked = await source();
  await appendFile(join(dir, 'a'), 'more');
  await expect(digest(tarStream(looked, signal))).rejects.toMatchObject({
    code: 'SOURCE_INVALID',
    message: `${dir}/a changed while it was being read.`,
  });
});

test('a file that shrinks in the middle of the stream is an error, not a broken archive', async () => {
  await writeFile(join(dir, 'a'), 'x'.repeat(8_000_000));
  const stream = tarStream(await source(), signal);
  let seen = 0;
  const reading = (async () => {
    for await (const piece of stream) {
      if (seen === 0) await truncate(join(dir, 'a'), 1000);
      seen += (piece as Buffer).length;
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: 'SOURCE_INVALID' });
  expect(seen).toBeLessThan(8_000_000);
});

test('a file that is gone, or became a FIFO-like thing, is an error', async () => {
  await writeFile(join(dir, 'a'), 'x');
  const looked = await source();
  await rm(join(dir, 'a'));
  await expect(digest(tarStream(looked, signal))).rejects.toThrow('changed while it was being read');
  await symlink('/etc/passwd', join(dir, 'a'));
  await expect(digest(tarStream(looked, signal))).rejects.toThrow('changed while it was being read');
});

test('an abort ends the stream with its reason', async () => {
  await writeFile(join(dir, 'a'), 'x'.repeat(8_000_000));
  const abort = new AbortController();
  const stream = tarStream(await source(), abort.signal);
  const reading = (async () => {
    for await (const _ of stream) abort.abort(new Error('enough'));
  })();
  await expect(reading).rejects.toThrow('enough');
});

test('a huge file passes without being held in memory', async () => {
  const file = await open(join(dir, 'a'), 'w');
  await file.truncate(400 * 2 ** 20 + 5);
  await file.close();
  const looked = await source();
  expect(looked.notes).toEqual([expect.stringContaining('a is 419 MB')]);
  const before = process.memoryUsage().rss;
  let highest = 0;
  let seen = 0;
  for await (const piece of tarStream(looked, signal)) {
    seen += (piece as Buffer).length;
    if (seen % (64 * 2 ** 20) < 65_536) highest = Math.max(highest, process.memoryUsage().rss);
  }
  expect(seen).toBe(400 * 2 ** 20 + 512 + 512 + 1024);
  expect(highest - before).toBeLessThan(150e6);
}, 60_000);
