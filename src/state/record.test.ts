import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { recordFile } from './record.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';
import { writeAtomic } from './write.ts';

const things = recordFile({ what: 'thing', version: 2, schema: v.object({ size: v.number() }) });

async function path(): Promise<string> {
  return join(temporaryFolder('mvm-record-'), 'thing.json');
}

test('what is written is read back; no file is undefined', async () => {
  const file = await path();
  expect(await things.read(file)).toBeUndefined();
  await things.write(file, { size: 3 });
  expect(await things.read(file)).toEqual({ size: 3 });
});

test('a truncated file is VM_BROKEN and names the file', async () => {
  const file = await path();
  await writeFile(file, '{ "version": 2, "si');
  await expect(things.read(file)).rejects.toMatchObject({
    code: 'VM_BROKEN',
    message: expect.stringContaining(file),
  });
});

test('a wrong field is VM_BROKEN and names the field', async () => {
  const file = await path();
  await writeFile(file, '{ "version": 2, "size": "big" }');
  await expect(things.read(file)).rejects.toMatchObject({
    code: 'VM_BROKEN',
    message: expect.stringContaining('size'),
  });
});

test('a file of a newer version is STATE_VERSION, whatever else it holds', async () => {
  const file = await path();
  await writeFile(file, '{ "version": 3, "volume": 1 }');
  await expect(things.read(file)).rejects.toMatchObject({ code: 'STATE_VERSION' });
});

test('a failed write leaves the old file and no temporary one', async () => {
  const file = await path();
  await writeAtomic(file, 'old');
  await expect(writeAtomic(join(file, 'below'), 'new')).rejects.toMatchObject({ code: 'STATE_WRITE' });
  expect(await readdir(join(file, '..'))).toEqual(['thing.json']);
});

const kept = recordFile({
  what: 'thing',
  version: 2,
  schema: v.object({ name: v.string(), size: v.number() }),
  copy: true,
});

test('whichever bit of a file flips: the value is what was written, or the file is broken', async () => {
  const file = await path();
  const value = { name: 'a thing', size: 3 };
  await kept.write(file, value);
  await rm(`${file}.bak`);
  const whole = await readFile(file);
  for (let bit = 0; bit < whole.length * 8; bit++) {
    const bytes = Buffer.from(whole);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    await writeFile(file, bytes);
    const loaded = await kept.load(file);
    if (loaded.value === undefined) expect(loaded.problem).toMatchObject({ code: 'VM_BROKEN' });
    else expect(loaded.value).toEqual(value);
  }
});

test.each([
  ['damaged', (file: string) => writeFile(file, '')],
  ['missing', (file: string) => rm(file)],
  ['a folder', (file: string) => rm(file).then(() => mkdir(file))],
])('of a file that is %s the copy is read, and what is wrong is told', async (_, damage) => {
  const file = await path();
  await kept.write(file, { name: 'x', size: 3 });
  await damage(file);
  expect(await kept.load(file)).toMatchObject({
    value: { name: 'x', size: 3 },
    problem: { code: 'VM_BROKEN', message: expect.stringContaining(file) },
  });
  await kept.remove(file);
  expect(await kept.load(file)).toEqual({ value: undefined, problem: undefined });
  expect(await readdir(join(file, '..'))).toEqual([]);
});
