import { fchmodSync, futimesSync, lstatSync } from 'node:fs';
import { systemCode } from '../errors/mvm-error.ts';
import { treeRefused, unwritable } from './failure.ts';
import { OpenFolder } from './open-folder.ts';
import { type Meta, timeOf } from './records.ts';

/** A folder that is written in. */
export interface Folder {
  open: OpenFolder;
  parent: Folder | undefined;
  /** In the parent, at present. */
  name: Buffer;
  /** What it is going to be called, as it is shown. */
  path: string;
  /** By this copy: its entries get their names at once. In others they have temporary ones until they are complete. */
  made: boolean;
  meta: Meta;
  /** What it gets called when it is complete, where it is not yet. */
  becomes: Buffer | undefined;
  /** Names that the tree had, in a folder that was there before. */
  seen: Set<string>;
}

export const shown = (folder: Folder, name: Buffer): string =>
  `${folder.path.replace(/\/$/, '')}/${name.toString()}`;

export function see(folder: Folder, name: Buffer, path: string): void {
  const key = name.toString('latin1');
  if (folder.seen.has(key)) throw treeRefused(path, 'the tree has it twice');
  folder.seen.add(key);
}

export function made<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    // In a folder of ours nothing is but what the tree has.
    if (systemCode(error) === 'EEXIST') throw treeRefused(path, 'the tree has it twice');
    throw unwritable(path, error);
  }
}

export function existing(folder: Folder, name: Buffer, path: string) {
  try {
    return lstatSync(folder.open.at(name), { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(path, error);
  }
}

export function finishFolder(path: Buffer, meta: Meta): void {
  const folder = new OpenFolder(path);
  try {
    const time = timeOf(meta);
    if (time !== undefined) futimesSync(folder.fd, time, time);
    fchmodSync(folder.fd, meta.mode ?? 0o777 & ~process.umask());
  } finally {
    folder.close();
  }
}

/** A folder that may have been left already. */
export function reopened(folder: Folder): { open: OpenFolder; end: () => void } {
  if (folder.open.isOpen || folder.parent === undefined) return { open: folder.open, end() {} };
  const above = reopened(folder.parent);
  try {
    const open = new OpenFolder(above.open.at(folder.name));
    return { open, end: () => open.close() };
  } finally {
    above.end();
  }
}
