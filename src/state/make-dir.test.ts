import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDir } from './make-dir.ts';
import { ensureDir } from './write.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mvm-make-dir-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('makeDir', () => {
  it('makes parents, with the mode, and is content with what is there', () => {
    const path = join(folder, 'a', 'b', 'c');
    makeDir(path, 0o700);
    makeDir(path, 0o700);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, 'a')).mode & 0o777).toBe(0o700);
    symlinkSync(path, join(folder, 'link'));
    makeDir(join(folder, 'link'));
  });

  it('ends with an error where a file has the name, or a parent is none', async () => {
    writeFileSync(join(folder, 'file'), '');
    const file = join(folder, 'file');
    expect(() => makeDir(file)).toThrow('EEXIST');
    expect(() => makeDir(join(file, 'a', 'b'))).toThrow('ENOTDIR');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    expect(() => makeDir(join(folder, 'dangling', 'a'))).toThrow('EEXIST');
    await expect(ensureDir(file)).rejects.toMatchObject({
      code: 'STATE_WRITE',
      message: `Can't write ${file}: a file has that name.`,
    });
  });

  it.runIf(process.platform === 'linux')('ends where the parent takes no folder', async () => {
    expect(() => makeDir('/proc/none/at/all')).toThrow('ENOENT');
    await expect(ensureDir('/proc/none')).rejects.toMatchObject({
      code: 'STATE_WRITE',
      message: "Can't write /proc/none: no folder can be created there.",
    });
  });
});
