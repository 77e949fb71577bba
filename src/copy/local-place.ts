import { type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { systemCode } from '../errors/mvm-error.ts';
import { noFolder, unwritable, wrongTarget } from './failure.ts';
import { OpenFolder } from './open-folder.ts';

/** Where a tree is to go on this host, following the links of the path that the user typed. */
export interface LocalPlace {
  path: string;
  slash: boolean;
  /** The folder at the path where there is one, else the folder that the path is in. */
  base: OpenFolder;
  basePath: string;
  /** The path's last part. */
  leaf: string;
  kind: 'folder' | 'file' | 'nothing';
}

/** @throws MvmError FILE_UNUSABLE, STATE_WRITE */
export function findLocalPlace(path: string, slash: boolean): LocalPlace {
  const clean = path.replace(/(?<=.)\/+$/, '');
  const stat = statOf(clean, path);
  if (stat?.isDirectory()) {
    const base = opened(clean, path);
    return { path, slash, base, basePath: clean, leaf: basename(clean), kind: 'folder' };
  }
  if (stat !== undefined && !stat.isFile()) throw wrongTarget(path, notReplaced(stat));
  const above = dirname(clean);
  if (stat === undefined && statOf(above, path) === undefined) throw noFolder(path, above);
  return {
    path,
    slash,
    base: opened(above, path),
    basePath: above,
    leaf: basename(clean),
    kind: stat === undefined ? 'nothing' : 'file',
  };
}

/** Why what is neither file, link nor folder stays as it is. */
export function notReplaced(stat: Pick<Stats, 'isFIFO' | 'isSocket'>): string {
  const what = stat.isFIFO() ? 'a FIFO' : stat.isSocket() ? 'a socket' : 'a device';
  return `it is ${what}, which is not replaced`;
}

function statOf(path: string, shown: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unwritable(shown, error);
  }
}

function opened(path: string, shown: string): OpenFolder {
  try {
    return new OpenFolder(Buffer.from(path), true);
  } catch (error) {
    throw unwritable(shown, error);
  }
}
