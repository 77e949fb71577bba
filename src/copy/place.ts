import { MvmError } from '../errors/mvm-error.ts';

/** One side of a copy, as it is typed. */
export interface Place {
  kind: 'guest' | 'host' | 'stream';
  /** Of a guest: the VM's name; undefined: the project's. */
  vm?: string;
  path: string;
  /** The path is a folder, and what is in it is meant. */
  slash: boolean;
  /** What a copy of it is called in another folder; empty where only what is in it is copied. */
  name: string;
}

/**
 * Reads `VM:PATH`, `:PATH` for the project's VM, `-`, or a path of this host: a colon behind a slash, as in `./a:b`, is
 * part of a name. Throws USAGE for an empty word.
 */
export function parsePlace(word: string): Place {
  if (word === '-') return { kind: 'stream', path: '-', slash: false, name: '' };
  const [, vm, guestPath] = /^([^/:]*):(.*)$/s.exec(word) ?? [];
  if (guestPath !== undefined) return { kind: 'guest', ...(vm ? { vm } : {}), ...named(guestPath) };
  if (word === '') throw new MvmError('USAGE', 'A path is empty.');
  return { kind: 'host', ...named(word) };
}

function named(path: string): Pick<Place, 'path' | 'slash' | 'name'> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const slash = ['', '.', '..', '~'].includes(name);
  return { path, slash, name: slash ? '' : name };
}

/** Refuses what is no copy between a VM and something else. Throws USAGE. */
export function checkPlaces(from: Place, to: Place): void {
  const guests = [from, to].filter(({ kind }) => kind === 'guest').length;
  if (guests > 0) return;
  throw new MvmError('USAGE', 'Neither of the two is in a VM: a path in a VM is written VM:PATH.', {
    hint: `mvmctl cp ${from.path} VM:${to.kind === 'stream' ? 'PATH' : to.path}`,
  });
}
