import { expect, test } from 'vitest';
import { toRecord } from './record.ts';
import { resolve } from './resolve.ts';
import { indexText } from './text.ts';

/** An index of packages written as `name version | field: value | …`. */
function indexOf(...lines: string[]) {
  const stanzas = lines.map((line) => {
    const [head = '', ...fields] = line.split(' / ');
    const [name, version = '1'] = head.split(' ');
    return [
      `Package: ${name}`,
      `Version: ${version}`,
      ...fields,
      'Architecture: all',
      `Filename: pool/${name}.deb`,
      'Size: 1',
      `SHA256: ${'0'.repeat(64)}`,
    ].join('\n');
  });
  const text = indexText(Buffer.from(stanzas.join('\n\n')));
  return {
    names: text.names,
    providers: text.providers,
    get(name: string) {
      const stanza = text.stanza(name);
      return stanza === undefined ? undefined : toRecord(stanza, name);
    },
  };
}

function names(index: ReturnType<typeof indexOf>, ...wanted: string[]): string[] {
  return resolve(index, wanted).map((record) => record.name);
}

test('all that is needed comes once, also in a circle', () => {
  const index = indexOf(
    'app / Pre-Depends: dpkg / Depends: libc6 (>= 1), tool',
    'libc6 2 / Depends: libgcc',
    'libgcc / Depends: libc6',
    'tool / Depends: libc6',
    'dpkg',
  );
  expect(names(index, 'app')).toEqual(['app', 'dpkg', 'libc6', 'tool', 'libgcc']);
  expect(names(index, 'tool', 'app')).toEqual(['tool', 'app', 'libc6', 'dpkg', 'libgcc']);
});

test('of alternatives the first that exists in the right version is taken, unless one is there already', () => {
  const index = indexOf('app / Depends: gone | old (>= 5) | a | b', 'old 4', 'a', 'b');
  expect(names(index, 'app')).toEqual(['app', 'a']);
  expect(names(index, 'b', 'app')).toEqual(['b', 'app']);
});

test('a virtual package is provided by the first name, or by one that is there', () => {
  const index = indexOf('app / Depends: mail', 'postfix / Provides: mail', 'exim / Provides: mail');
  expect(names(index, 'app')).toEqual(['app', 'exim']);
  expect(names(index, 'app', 'postfix')).toEqual(['app', 'postfix']);
});

test('a version is only fulfilled by a provider that states one', () => {
  const index = indexOf(
    'app / Depends: v (>= 2)',
    'a / Provides: v',
    'b / Provides: v (= 1)',
    'c / Provides: v (= 3)',
  );
  expect(names(index, 'app')).toEqual(['app', 'c']);
});

test('an unknown name is an error with the nearest one; a gap further down names both sides', () => {
  const index = indexOf('busybox-static', 'app / Depends: libx (>= 2), gone', 'libx 1');
  expect(() => names(index, 'busybox-statc')).toThrow(
    expect.objectContaining({ code: 'PACKAGE_NOT_FOUND', hint: 'did you mean busybox-static?' }),
  );
  expect(() => names(index, 'app')).toThrow(
    expect.objectContaining({
      code: 'PACKAGE_NOT_FOUND',
      message: 'app needs libx (>= 2), which is not in the index.',
    }),
  );
});
