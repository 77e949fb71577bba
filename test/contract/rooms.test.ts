import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Room {
  path: string;
  /** Folders and files below the checkout that nothing in it imports. */
  unknown: readonly string[];
}

/** The table of rooms in ARCHITECTURE.md; a path in its last column is below the room's parent, or else below `src/`. */
function rooms(): Room[] {
  const [, section = ''] = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8').split(/^## Rooms$/m);
  const [table = ''] = section.split(/^## /m);
  return [...table.matchAll(/^\| `([^`]+)\/` \|.*\|([^|]*)\|$/gm)].map(([, path = '', last = '']) => ({
    path,
    unknown: [...last.matchAll(/`([^`]+)`/g)].map(([, name = '']) => place(dirname(path), name)),
  }));
}

/** Throws where neither is there. */
function place(parent: string, name: string): string {
  const found = [join(parent, name), join('src', name)].find((path) =>
    statSync(join(root, path), { throwIfNoEntry: false }),
  );
  if (found === undefined) throw new Error(`ARCHITECTURE.md names ${name}, which is not in ${parent} or src`);
  return found.replace(/\/$/, '');
}

/** The files of a folder. In `src/` tests and what only they use may know more. */
function sources(path: string): string[] {
  return readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })
    .map((file) => join(path, file))
    .filter((file) => file.endsWith('.ts') && !/^src\/.*\.(test|fixture)\.ts$/.test(file));
}

/** What a file imports of this checkout, also where it does so late or only types. */
function imports(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:\bfrom|\bimport\(|^import)\s*'(\.[^']*)'/gm)].map(([, name = '']) =>
    relative(root, join(root, dirname(file), name)),
  );
}

const isBelow = (file: string, path: string): boolean => file === path || file.startsWith(`${path}/`);

test.each(rooms())('nothing in $path imports what it must not know', ({ path, unknown }) => {
  const files = sources(path);
  expect(files.flatMap(imports)).not.toEqual([]);
  const known = files.flatMap((file) =>
    imports(file)
      .filter((name) => unknown.some((other) => isBelow(name, other)))
      .map((name) => `${file} imports ${name}`),
  );
  expect(known).toEqual([]);
});

function foldersOf(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(path, name));
}

/** The folders that the table divides, each with its rooms. */
const divided = Map.groupBy(rooms(), ({ path }) => dirname(path));

test.each([...divided.keys()].filter((path) => path !== 'src'))('each room of %s has its line', (parent) => {
  expect(divided.get(parent)?.map(({ path }) => path)).toEqual(expect.arrayContaining(foldersOf(parent)));
});

test.each([...divided.keys()])('the rooms of %s import one another one way only', (parent) => {
  const folders = foldersOf(parent);
  const imported = (path: string): string[] => {
    const names = sources(path).flatMap(imports);
    return folders.filter((other) => other !== path && names.some((name) => isBelow(name, other)));
  };
  const arrows = new Map(folders.map((path) => [path, imported(path)]));
  const reached = (path: string, found = new Set<string>()): Set<string> => {
    for (const next of arrows.get(path) ?? []) if (!found.has(next)) reached(next, found.add(next));
    return found;
  };
  expect(folders.filter((path) => reached(path).has(path))).toEqual([]);
});
