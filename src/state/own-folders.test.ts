import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFoldersAbove, checkOwnFolders } from './own-folders.ts';
import type { Paths } from './paths.ts';

let folder: string;
let paths: Paths;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mvm-own-'));
  const at = (name: string) => join(folder, 'above', name);
  paths = { state: at('state'), cache: at('cache'), runtime: at('runtime'), config: at('config.toml') };
  mkdirSync(join(folder, 'above'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const root = process.getuid?.() === 0;
const folders = ['state', 'cache', 'runtime'] as const;

describe('folders of mvmctl', () => {
  it('may be missing, or ours', () => {
    checkOwnFolders(paths);
    for (const name of folders) mkdirSync(paths[name], { mode: 0o755 });
    writeFileSync(paths.config, '');
    checkOwnFolders(paths);
    checkFoldersAbove(paths);
  });

  it.each(folders)('%s: refused where others can write', (name) => {
    mkdirSync(paths[name]);
    chmodSync(paths[name], 0o1777);
    const problem = { code: 'STATE_UNSAFE', message: expect.stringContaining('(mode 1777)') };
    expect(() => checkOwnFolders(paths)).toThrow(expect.objectContaining(problem));
    chmodSync(paths[name], 0o770);
    expect(() => checkOwnFolders(paths)).toThrow(
      expect.objectContaining({ hint: `chmod g-w ${paths[name]}` }),
    );
  });

  it.each(folders)('%s: refused where it is a file', (name) => {
    writeFileSync(paths[name], '');
    expect(() => checkOwnFolders(paths)).toThrow(
      expect.objectContaining({ code: 'STATE_WRITE', message: expect.stringContaining(paths[name]) }),
    );
    rmSync(paths[name]);
    symlinkSync(paths[name], paths[name]);
    expect(() => checkOwnFolders(paths)).toThrow(`Can't use ${paths[name]}: symbolic links go in a circle.`);
  });

  it.runIf(root).each([...folders, 'config'] as const)(
    '%s: refused where it is somebody else’s, also behind a link',
    (name) => {
      mkdirSync(paths[name]);
      chownSync(paths[name], 12345, 12345);
      const whose = {
        code: 'STATE_UNSAFE',
        message: `${paths[name]} belongs to user 12345, and you are root.`,
      };
      expect(() => checkOwnFolders(paths)).toThrow(expect.objectContaining(whose));
      const link = join(folder, 'link');
      symlinkSync(paths[name], link);
      expect(() => checkOwnFolders({ ...paths, [name]: link })).toThrow('belongs to user 12345');
    },
  );

  it('a configuration that all may write to is refused', () => {
    writeFileSync(paths.config, '');
    chmodSync(paths.config, 0o666);
    expect(() => checkOwnFolders(paths)).toThrow('can be written to by everybody (mode 0666)');
  });

  it.each([false, true])('refused below a folder in which others can rename (there already: %s)', (there) => {
    if (there) for (const name of folders) mkdirSync(paths[name]);
    const above = join(folder, 'above');
    checkFoldersAbove({ ...paths, state: join(above, 'not', 'yet', 'there') });
    chmodSync(above, 0o777);
    expect(() => checkFoldersAbove(paths)).toThrow(expect.objectContaining({ hint: `chmod go-w ${above}` }));
    chmodSync(above, 0o1777);
    checkFoldersAbove(paths);
  });

  it.runIf(root)('refused below a folder of somebody else, who could rename there, sticky or not', () => {
    const above = join(folder, 'above');
    for (const uid of [12345, 65_534]) {
      chownSync(above, uid, uid);
      for (const mode of [0o700, 0o1777]) {
        chmodSync(above, mode);
        expect(() => checkFoldersAbove(paths)).toThrow(`${above} belongs to user ${uid}`);
      }
    }
  });
});
