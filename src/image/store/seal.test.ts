import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatImageJson } from '../image-json.ts';
import { imageSpec } from '../image-spec.fixture.ts';
import { loadSealed, sealName } from './seal.ts';

let dir: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mvm-seal-'));
  const files = { kernel: Buffer.from('a kernel'), initrd: Buffer.from('an initrd') };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(dir, name), bytes);
  writeFileSync(join(dir, 'image.json'), formatImageJson(imageSpec(files)));
  await loadSealed(dir, undefined, false);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Flips a bit and puts size and time back. */
function damage(name: string, at: (bytes: Buffer) => number): void {
  const path = join(dir, name);
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[at(bytes)] = (bytes[at(bytes)] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

describe('an image whose name does not say what is in it', () => {
  it.each(['kernel', 'initrd'])('is refused where a bit of its %s is another', async (name) => {
    damage(name, () => 3);
    const problem = { code: 'IMAGE_INVALID', message: expect.stringContaining(join(dir, name)) };
    await expect(loadSealed(dir, undefined, false)).rejects.toMatchObject(problem);
  });

  it('is refused where its description is another than was stored', async () => {
    damage('image.json', (bytes) => bytes.indexOf('"memoryMib": ') + 13);
    const problem = {
      code: 'IMAGE_INVALID',
      message: `${join(dir, 'image.json')} is damaged: it is not what was stored.`,
    };
    await expect(loadSealed(dir, undefined, false)).rejects.toMatchObject(problem);
  });

  it('is read again, and sealed, where its seal is lost or damaged', async () => {
    for (const text of [undefined, '', 'x']) {
      if (text === undefined) rmSync(join(dir, sealName));
      else writeFileSync(join(dir, sealName), text);
      await loadSealed(dir, undefined, false);
      expect(readFileSync(join(dir, sealName), 'utf8')).toMatch(/^[0-9a-f]{64}\nimage\.json /);
    }
  });
});
