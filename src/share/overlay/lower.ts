import { closeSync, constants, fstatSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import type { HostTree } from '../tree/host-tree.ts';
import type { Attributes, Names } from '../tree/tree.ts';
import { digestOf, digestOfText } from './upper/digest.ts';
import type { Base, Kind } from './upper/model.ts';

/** A place of the host's folder, as text: its names with a slash between them. */
export const keyOf = (path: Names): string => path.join('/');
export const namesOf = (key: string): Names => (key === '' ? [] : key.split('/'));
export const keyBelow = (key: string, name: string): string => (key === '' ? name : `${key}/${name}`);
export const isBelow = (key: string, above: string): boolean =>
  above === '' || key === above || key.startsWith(`${above}/`);

/** Begins the name of the folder in which changes are prepared that are brought to the host; no guest sees it. */
export const stagingPrefix = '.mvm-apply-';

export const permissions = 0o7777;

export function kindOf(mode: number): Kind {
  const type = mode & constants.S_IFMT;
  if (type === constants.S_IFREG) return 'file';
  if (type === constants.S_IFDIR) return 'folder';
  return type === constants.S_IFLNK ? 'link' : 'other';
}

/** No place of the host, nor one below it. */
export const nowhere = '\0';

/** What is at a place of the host; undefined where nothing is. */
export function lookAt(lower: HostTree, key: string): Attributes | undefined {
  if (key.startsWith(nowhere)) return undefined;
  try {
    return lower.stat(namesOf(key));
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** What a file of the host is now. */
export function baseOf(lower: HostTree, key: string, found: Attributes): Base {
  const { mode, size, mtimeNs, ctimeNs, identity } = found;
  return { mode, size, mtimeNs, ctimeNs, identity, digest: digestAt(lower, key, found) };
}

function digestAt(lower: HostTree, key: string, { mode }: Attributes): string | undefined {
  const kind = kindOf(mode);
  if (kind === 'link') return digestOfText(lower.readLink(namesOf(key)));
  if (kind !== 'file') return undefined;
  let fd: number;
  try {
    fd = lower.open(namesOf(key), 'read');
  } catch (error) {
    // It can be removed or renamed all the same.
    if (systemCode(error) === 'EACCES') return undefined;
    throw error;
  }
  try {
    return digestOf(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether a file of the host is what it was: by its content where its times say nothing. */
export function isAsBefore(lower: HostTree, key: string, base: Base): boolean {
  const found = lookAt(lower, key);
  if (found === undefined || found.mode !== base.mode) return false;
  if (kindOf(found.mode) === 'folder') return true;
  if (isUntouched(found, base)) return true;
  return base.digest !== undefined && found.size === base.size && digestAt(lower, key, found) === base.digest;
}

/** Whether no time says that a file was changed. */
export function isUntouched(found: Attributes, base: Base): boolean {
  return (
    found.identity === base.identity &&
    found.size === base.size &&
    found.mtimeNs === base.mtimeNs &&
    found.ctimeNs === base.ctimeNs
  );
}

/** Attributes of an open file, for what has none of its own. */
export function attributesOf(fd: number): Omit<Attributes, 'identity' | 'ino'> {
  const found = fstatSync(fd, { bigint: true });
  return {
    mode: Number(found.mode),
    size: Number(found.size),
    nlink: Number(found.nlink),
    blocks: Number(found.blocks),
    rdev: 0,
    atimeNs: found.atimeNs,
    mtimeNs: found.mtimeNs,
    ctimeNs: found.ctimeNs,
  };
}
