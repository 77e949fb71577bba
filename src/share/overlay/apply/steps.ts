import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmdirSync,
} from 'node:fs';
import { systemCode } from '../../../errors/mvm-error.ts';
import { onlyName } from '../../tree/host-tree.ts';
import { systemError } from '../../tree/system-error.ts';
import type { HostFolder } from './host-folder.ts';

/** What has what identity is moved, from one place in the host's folder to another. */
export type Step =
  /** Aside, into the folder in which changes are prepared. */
  | { do: 'out'; from: string; to: string; id: string }
  /** From there to where nothing is. */
  | { do: 'in'; from: string; to: string; id: string; isFolder: boolean; isNew: boolean }
  /** Another name of a file. */
  | { do: 'link'; from: string; to: string; id: string }
  | { do: 'mode'; at: string; id: string; from: number; to: number };

/** Throws the system's error. */
export function make(host: HostFolder, step: Step): void {
  switch (step.do) {
    case 'out':
      host.rename(step.from, step.to);
      break;
    case 'in':
      // A folder replaces no other unless that is empty; of files only a link replaces nothing.
      if (!step.isFolder) host.link(step.from, step.to);
      else if (host.identity(step.to) !== undefined) throw systemError('EEXIST', 'rename');
      else host.rename(step.from, step.to);
      break;
    case 'link':
      host.link(step.from, step.to);
      break;
    case 'mode':
      if (!setMode(host, step.at, step.id, step.to)) throw systemError('ESTALE', 'chmod');
  }
}

/**
 * Takes a step back, if it was made.
 * @returns where something of the host's is left, since its place was taken meanwhile
 */
export function undo(host: HostFolder, step: Step): string | undefined {
  switch (step.do) {
    case 'out':
      // Whatever it is: another file may have come to the place before it was moved.
      if (host.identity(step.to) === undefined) return undefined;
      return putBack(host, step.to, step.from);
    case 'in':
    case 'link':
      if (host.identity(step.to) !== step.id) return undefined;
      if (step.do === 'in' && step.isFolder) {
        if (!step.isNew) host.rename(step.to, step.from);
        else removeEmpty(host, step.to);
      } else if (host.identity(step.from) === step.id) host.unlink(step.to);
      else host.rename(step.to, step.from);
      return undefined;
    case 'mode':
      setMode(host, step.at, step.id, step.from);
  }
  return undefined;
}

/** Where another file has the place by now, it gets a name beside it. */
function putBack(host: HostFolder, from: string, place: string): string | undefined {
  for (let n = 0; ; n++) {
    const to = n === 0 ? place : `${place}.before-apply${n === 1 ? '' : n}`;
    if (host.identity(to) !== undefined) continue;
    host.rename(from, to);
    return n === 0 ? undefined : to;
  }
}

/** One in which something was made meanwhile stays. */
function removeEmpty(host: HostFolder, key: string): void {
  try {
    rmdirSync(host.at(key));
    host.forget(key);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** @returns false where another file is there */
function setMode(host: HostFolder, key: string, id: string, mode: number): boolean {
  if (host.identity(key) !== id) return false;
  const fd = openSync(host.at(key), onlyName | constants.O_NOFOLLOW);
  try {
    const { dev, ino, birthtimeNs } = fstatSync(fd, { bigint: true });
    if (`${dev}:${ino}:${birthtimeNs}` !== id) return false;
    chmodSync(`/proc/self/fd/${fd}`, mode);
    return true;
  } finally {
    closeSync(fd);
  }
}

/** Has the disk take the names in a folder. */
export function syncFolder(host: HostFolder, key: string): void {
  fsyncSync(host.folderFd(key));
}

export const isEmptyFolder = (host: HostFolder, key: string): boolean =>
  readdirSync(host.at(`${key}/.`)).length === 0;
