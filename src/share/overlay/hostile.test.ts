import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { apply } from './apply/apply.ts';
import { makeOverlay, path, read, seen, type TestOverlay, write } from './overlay.fixture.ts';
import { Upper } from './upper/upper.ts';

const options = { paths: undefined, isProtected: () => false, includeProtected: true };

function outside(): string {
  const dir = temporaryFolder('mvm-outside-');
  writeFileSync(join(dir, 'secret'), 'outside');
  return dir;
}

const untouched = (dir: string): void => {
  expect(readdirSync(dir)).toEqual(['secret']);
  expect(readFileSync(join(dir, 'secret'), 'utf8')).toBe('outside');
};

const base = () =>
  makeOverlay((host) => {
    mkdirSync(join(host, 'd'));
    writeFileSync(join(host, 'd/x'), 'old');
    writeFileSync(join(host, 'a'), 'old');
  });
const dataFile = ({ state }: TestOverlay) => join(state, 'data', readdirSync(join(state, 'data'))[0] ?? '');

test.each(['read', 'write'] as const)('a link in place of a content is not followed, to %s', (access) => {
  const [overlay, dir] = [base(), outside()];
  write(overlay.tree, 'n', 'mine');
  rmSync(dataFile(overlay));
  symlinkSync(
    join(dir, 'secret'),
    join(overlay.state, 'data', overlay.upper.model.root.children.get('n')?.id.toString(36) ?? ''),
  );
  expect(() => overlay.tree.open(path('n'), access)).toThrow(expect.objectContaining({ code: 'EIO' }));
  expect(() => apply(overlay.overlay, options)).toThrow(expect.objectContaining({ code: 'EIO' }));
  untouched(dir);
});

test('a content that is gone is EIO for the guest, and nothing is applied', () => {
  const overlay = base();
  write(overlay.tree, 'n', 'mine');
  rmSync(dataFile(overlay));
  expect(() => overlay.tree.open(path('n'), 'read')).toThrow(expect.objectContaining({ code: 'EIO' }));
  expect(() => apply(overlay.overlay, options)).toThrow(expect.objectContaining({ code: 'EIO' }));
});

test('files in the folder of contents that no change refers to go, whatever their names', () => {
  const [overlay, dir] = [base(), outside()];
  for (const name of ['zzz', '-1', '..x', 'a b']) writeFileSync(join(overlay.state, 'data', name), 'x');
  symlinkSync(dir, join(overlay.state, 'data', 'link'));
  overlay.reopen();
  expect(readdirSync(join(overlay.state, 'data'))).toEqual([]);
  untouched(dir);
});

const parents: [string, (overlay: TestOverlay, dir: string) => void][] = [
  [
    'before',
    ({ host }, dir) => {
      renameSync(join(host, 'd'), join(host, 'was-d'));
      symlinkSync(dir, join(host, 'd'));
    },
  ],
];

test.each(parents)('a link of the host in place of a folder %s an apply is not followed', (_, swap) => {
  const [overlay, dir] = [base(), outside()];
  write(overlay.tree, 'd/n', 'guest');
  write(overlay.tree, 'd/x', 'guest');
  swap(overlay, dir);
  expect(() => apply(overlay.overlay, options)).toThrow();
  untouched(dir);
});

test.each(Array.from({ length: 8 }, (_, step) => step))('nor one that comes at step %i of it', (step) => {
  const [overlay, dir] = [base(), outside()];
  write(overlay.tree, 'd/n', 'guest');
  write(overlay.tree, 'd/x', 'guest');
  let isDone = false;
  const at = (point: string): void => {
    if (isDone || !point.startsWith(`step ${step} `)) return;
    isDone = true;
    renameSync(join(overlay.host, 'd'), join(overlay.host, 'was-d'));
    symlinkSync(dir, join(overlay.host, 'd'));
  };
  try {
    apply(overlay.overlay, { ...options, at });
  } catch {
    // It may well fail.
  }
  untouched(dir);
});

test('set-id bits are neither made nor applied', () => {
  const overlay = base();
  write(overlay.tree, 'n', 'x');
  overlay.tree.setMode(path('n'), 0o6755);
  overlay.tree.setMode(path('a'), 0o6755);
  overlay.tree.makeFolder(path('f'), 0o7777);
  apply(overlay.overlay, options);
  for (const name of ['n', 'a', 'f']) expect(statSync(join(overlay.host, name)).mode & 0o6000).toBe(0);
});

test('links of the guest are text, wherever they lead', () => {
  const [overlay, dir] = [base(), outside()];
  for (const [name, to] of [
    ['l1', dir],
    ['l2', '../../..'],
    ['l3', '/etc/passwd'],
  ] as const)
    overlay.tree.makeLink(path(name), Buffer.from(to));
  for (const name of ['l1/secret', 'l1/new']) {
    expect(() => overlay.tree.open(path(name), 'write')).toThrow();
    expect(() => overlay.tree.create(path(name), 0o644)).toThrow();
    expect(() => overlay.tree.remove(path(name))).toThrow();
    expect(() => overlay.tree.rename(path('a'), path(name), false)).toThrow();
    expect(() => overlay.tree.makeFolder(path(name), 0o755)).toThrow();
  }
  apply(overlay.overlay, options);
  expect(lstatSync(join(overlay.host, 'l1')).isSymbolicLink()).toBe(true);
  untouched(dir);
});

test.each([
  'x\ny',
  '\u0001',
  '\xff\xfe',
  '-rf',
  '$(touch x)',
  'con',
  'a'.repeat(255),
  '.mvm-apply-x',
  ' ',
  '\\',
  '"',
  'changes',
  'share.json',
  'null',
])('a name %j is a name', (name) => {
  const overlay = base();
  write(overlay.tree, 'd/n', 'x');
  overlay.tree.rename(path('d/n'), [name], false);
  overlay.reopen();
  expect(read(overlay.tree, [name]).toString()).toBe('x');
  apply(overlay.overlay, options);
  expect(readdirSync(overlay.host, { encoding: 'latin1' })).toContain(name);
});

test('a line that a power cut tore is as if it had not been; damage before good lines is told', () => {
  const overlay = base();
  write(overlay.tree, 'one', '1');
  write(overlay.tree, 'two', '2');
  const file = join(overlay.state, 'changes');
  const whole = readFileSync(file);
  truncateSync(file, whole.length - 3);
  overlay.reopen();
  expect(seen(overlay.tree).join()).toContain(' one ');
  expect(seen(overlay.tree).join()).not.toContain(' two ');
  const bad = Buffer.from(whole);
  bad[20] = 0x23;
  writeFileSync(file, bad);
  expect(() => new Upper(overlay.state)).toThrow(expect.objectContaining({ code: 'VM_BROKEN' }));
});

test('a guest that makes and removes files for long has a journal that is no longer than it has to be', () => {
  const overlay = base();
  for (let i = 0; i < 6000; i++) {
    overlay.tree.makeFolder(path(`folder-with-a-name-${i}`), 0o755);
    overlay.tree.removeFolder(path(`folder-with-a-name-${i}`));
  }
  expect(statSync(join(overlay.state, 'changes')).size).toBeLessThan(1.2 * 2 ** 20);
  expect(overlay.upper.model.isEmpty()).toBe(true);
});
