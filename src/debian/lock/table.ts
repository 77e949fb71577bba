import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError } from '../../errors/mvm-error.ts';
import type { DebianArch } from '../mirror/suite.ts';

/** What `nix/debian/table/*.json` say of an attribute, as far as the lock is concerned. */
export interface TableEntry {
  /** The Debian packages that make it up, merged into one store path. */
  debs: string[];
  /** Dependencies of these packages that the programs run without. */
  without?: string[];
  /** The entry is complete: its programs run without the dependencies that are not in the table. */
  closed?: boolean;
}

export interface Table {
  entries: Map<string, TableEntry>;
  /** Dependencies that only serve an installed Debian. */
  ignored: Set<string>;
}

/** How compilers' packages spell an architecture in their names. */
const gnu: Record<DebianArch, string> = { amd64: 'x86-64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Reads the table of a stand-in nixpkgs; `@gnu@` in it stands for `arch`. Throws PACKAGE_INVALID naming the file. */
export async function readTable(root: string, arch: DebianArch): Promise<Table> {
  const parse = (file: string) => readJson(file, (text) => text.replaceAll('@gnu@', gnu[arch]));
  const dir = join(root, 'table');
  const names = (await readdir(dir)).filter((name) => name.endsWith('.json')).sort();
  const entries = new Map<string, TableEntry>();
  for (const name of names) {
    for (const [attribute, entry] of Object.entries((await parse(join(dir, name))) as object)) {
      if (entries.has(attribute)) {
        throw new MvmError(
          'PACKAGE_INVALID',
          `${join(dir, name)} has ${attribute}, which another file has too.`,
        );
      }
      entries.set(attribute, entry as TableEntry);
    }
  }
  const ignored = (await parse(join(root, 'ignored.json'))) as string[];
  return { entries, ignored: new Set(ignored) };
}

/** nixpkgs' names of packages of Debian that the table does not have. */
export interface KnownNames {
  /** Attributes of the set: `by-name.json`. */
  set: Readonly<Record<string, string>>;
  /** Attributes of python3Packages; others are called python3-NAME by Debian: `python-names.json`. */
  python: Readonly<Record<string, string>>;
}

/** Throws PACKAGE_INVALID naming the file. */
export async function readNames(root: string): Promise<KnownNames> {
  const read = async (name: string) => (await readJson(join(root, name))) as Record<string, string>;
  return { set: await read('by-name.json'), python: await read('python-names.json') };
}

async function readJson(file: string, filled: (text: string) => string = (text) => text): Promise<unknown> {
  try {
    return JSON.parse(filled(await readFile(file, 'utf8')));
  } catch (error) {
    throw new MvmError('PACKAGE_INVALID', `Can't read the package table ${file}.`, { cause: error });
  }
}
