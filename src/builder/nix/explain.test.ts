import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { explainNixFailure } from './explain.ts';
import { createNixProgress } from './progress.ts';

function explain(name: string, names?: string[]) {
  const progress = createNixProgress({ status: () => {}, progress: () => {} });
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.txt`), 'utf8');
  for (const line of text.split('\n')) progress.take(line);
  return explainNixFailure(progress.errors, {
    logOf: progress.logOf,
    warnings: progress.warnings,
    ...(names === undefined ? {} : { names }),
  });
}

const debian = expect.stringContaining('mvmctl build --nixpkgs debian');

test.each([
  ['syntax', 'syntax', 'EVAL_FAILED', "flake.nix:3:43: syntax error, unexpected ';'", undefined],
  [
    'missing',
    'attribute',
    'EVAL_FAILED',
    "flake.nix:11:71: attribute 'ripgerp' missing",
    'did you mean ripgrep?',
  ],
  ['undefinedv', 'attribute', 'EVAL_FAILED', "flake.nix:1:117: undefined variable 'nope'", undefined],
  [
    'noattr',
    'output',
    'OUTPUT_MISSING',
    'The flake has no output packages.x86_64-linux.defualt.',
    'did you mean default?',
  ],
  ['recursion', 'evaluation', 'EVAL_FAILED', 'flake.nix:12:23: infinite recursion encountered', undefined],
  ['throws', 'evaluation', 'EVAL_FAILED', "flake.nix:13:12: this package set has no 'foo'", undefined],
  [
    'typeerr',
    'evaluation',
    'EVAL_FAILED',
    'flake.nix:20:13: expected a list but found a string: "text"',
    undefined,
  ],
  ['inputnonet', 'network', 'EVAL_FAILED', expect.stringContaining("for the input 'nixpkgs'."), debian],
  ['nonet', 'network', 'BUILD_FAILED', "http://mirror.test/far.deb can't be reached for far.", debian],
  [
    'nocache',
    'build',
    'BUILD_FAILED',
    expect.stringContaining('The build of libgreet-1.0 failed to produce output'),
    debian,
  ],
  ['fails', 'build', 'BUILD_FAILED', 'The build of breaks-1.2 failed with exit code 3.', undefined],
  ['keepgoing', 'build', 'BUILD_FAILED', 'The build of breaks-1.2 failed with exit code 3.', undefined],
  [
    'killed',
    'killed',
    'BUILD_FAILED',
    expect.stringContaining('killed (signal 9, usually because memory ran out)'),
    'mvmctl builder status',
  ],
  [
    'hash',
    'hash',
    'BUILD_FAILED',
    expect.stringContaining('does not have the hash'),
    expect.stringContaining('sha256-/UFg'),
  ],
  [
    'full',
    'disk-full',
    'BUILDER_FAILED',
    'The disk of the builder’s store is full.',
    expect.stringContaining('builder reset'),
  ],
  [
    'fullstore',
    'disk-full',
    'BUILDER_FAILED',
    'The disk of the builder’s store is full.',
    expect.stringContaining('builder reset'),
  ],
  [
    'wrongsys',
    'system',
    'BUILD_FAILED',
    'arm-1 is for aarch64-linux; the builder is x86_64-linux.',
    expect.stringContaining('x86_64-linux'),
  ],
  [
    'gitinput',
    'outside',
    'EVAL_FAILED',
    expect.stringContaining("The input 'dep' uses a path outside"),
    expect.anything(),
  ],
])('%s: %s', (name, kind, code, message, hint) => {
  const found = explain(name);
  expect(found).toMatchObject({ kind, code, message });
  expect(found.hint).toEqual(hint);
});

test('a failed build comes with the end of its log, an evaluation with the lines of the flake', () => {
  expect(explain('fails').details.at(-1)).toBe('main.c:7: error: no such thing');
  expect(explain('throws').details).toEqual(
    expect.arrayContaining(["… while calling the 'throw' builtin", '  at flake.nix:13:12:']),
  );
  expect(explain('throws').details.join('\n')).not.toContain('/nix/store/');
});

test('a name that the set of Debian packages lacks comes with the nearest and with the way around', () => {
  expect(explain('undefinedv', ['node', 'nape']).hint).toMatch(
    /^did you mean node\? Otherwise: apt-cache search nope .*pkgs\.debian\.NAME/,
  );
  expect(explain('missing', ['git']).hint).toMatch(
    /^did you mean ripgrep\? Otherwise: apt-cache search ripgerp /,
  );
  expect(explain('undefinedv', ['git']).hint).toMatch(/^apt-cache search nope .*--nixpkgs/);
  const lacks = (name: string) =>
    expect.stringContaining(`the package set made from Debian packages has no '${name}'`);
  expect(explain('missing', ['git']).message).toEqual(lacks('ripgerp'));
  expect(explain('undefinedv', ['git']).message).toEqual(lacks('nope'));
});

test('an input that is not nixpkgs is not helped by another nixpkgs', () => {
  const text = "… while updating the flake input 'dep'\nerror: unable to download 'http://x.test/a'";
  const found = explainNixFailure([{ text, core: "unable to download 'http://x.test/a'" }]);
  expect(found).toMatchObject({ kind: 'network', hint: expect.stringContaining('[inputs] dep') });
});

test('the nixpkgs of the library is the one that --nixpkgs replaces', () => {
  const core = "unable to download 'https://x.test/nixpkgs': Could not resolve hostname (6)";
  const text = `error:\n  … while updating the flake input 'mvm'\n\n  … while updating the flake input 'mvm/nixpkgs'\n\n  error: ${core}`;
  expect(explainNixFailure([{ text, core }])).toMatchObject({
    message: "https://x.test/nixpkgs can't be reached for the input 'nixpkgs'.",
    hint: debian,
  });
});

test('an input whose download broke off is not told as a broken file in it', () => {
  const core = "cannot read file 'other/file' from tarball";
  const text = `error:\n  … while updating the flake input 'other'\n\n  … while fetching the input 'http://x.test/a.tar.gz'\n\n  error: ${core}`;
  expect(explainNixFailure([{ text, core }])).toMatchObject({
    kind: 'network',
    message: "http://x.test/a.tar.gz broke off or is not an archive, for the input 'other'.",
    details: [core],
  });
});

test('without a message it still says something', () => {
  expect(explainNixFailure([])).toMatchObject({ kind: 'evaluation', message: 'Nix said nothing.' });
});

test.each([
  "executing SQLite statement 'select id from ValidPaths': no such table: ValidPaths, SQL logic error (in '/nix/var/nix/db/db.sqlite')",
  "cannot open SQLite database '/nix/var/nix/db/db.sqlite': file is not a database",
  "database disk image is malformed (in '/nix/var/nix/db/db.sqlite')",
  "error parsing derivation '/nix/store/abc-x.drv': expected string 'Derive(['",
  "'/nix/var/nix/db/schema' is corrupt",
  "reading directory '/nix/store/abc-x': Structure needs cleaning",
  "opening file '/nix/store/abc-x': Input/output error",
])('a store that is damaged is told as such: %s', (core) => {
  expect(explainNixFailure([{ text: core, core }])).toMatchObject({
    code: 'STORE_DAMAGED',
    details: [core],
    hint: expect.stringContaining('mvmctl builder reset'),
  });
  expect(explainNixFailure([{ text: core, core }], { hostNix: true }).hint).toContain('nix-store');
});

test('what a flake or a build says of other databases is no damage of the store', () => {
  const core = 'no such table: users';
  expect(explainNixFailure([{ text: core, core }]).code).toBe('EVAL_FAILED');
  const failed = "builder for '/nix/store/abc-x.drv' failed with exit code 1";
  const logOf = () => ['SQLite: database disk image is malformed'];
  expect(explainNixFailure([{ text: failed, core: failed }], { logOf }).code).toBe('BUILD_FAILED');
});
