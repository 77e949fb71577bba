import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, makeHome } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const version = async () => {
  const { status, stdout, stderr } = await home.run(['--version']);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
};
const kept = () => join(home.dir, '.cache', 'mvm', 'code', 'help');
/** Changes whenever the file is written. */
const writing = () => statSync(kept()).ino;

test('code is kept once and used from then on', async () => {
  await version();
  const first = writing();
  await version();
  expect(writing()).toBe(first);
});

test('damaged, truncated or empty, it is made anew and nobody notices', async () => {
  await version();
  const good = readFileSync(kept());
  const flipped = Buffer.from(good);
  for (let at = 200; at < flipped.length / 2; at += 997) flipped[at] = (flipped[at] ?? 0) ^ 0x10;
  for (const bad of [flipped, good.subarray(0, good.length / 2), good.subarray(0, -1), Buffer.alloc(0)]) {
    writeFileSync(kept(), bad);
    await version();
    expect(readFileSync(kept()).length).toBeGreaterThan(good.length / 2);
    expect(readFileSync(kept()).equals(bad)).toBe(false);
  }
});

test('what others could have written is not run', async () => {
  await version();
  const first = writing();
  chmodSync(kept(), 0o620);
  await version();
  expect(writing()).not.toBe(first);
  expect(statSync(kept()).mode & 0o777).toBe(0o600);
});

test('nothing is kept of what is no command, or failed', async () => {
  expect((await home.run(['nonsense'])).status).toBe(2);
  expect((await home.run(['inspect', 'nobody'])).status).toBe(1);
  expect(existsSync(join(home.dir, '.cache', 'mvm', 'code'))).toBe(false);
});

test('a cache that can not be written, or not even made, changes nothing', async () => {
  const file = join(home.dir, 'file');
  writeFileSync(file, '');
  for (const cache of [join(file, 'cache'), '/proc/none', '/dev/null']) {
    const { status, stderr } = await home.run(['--version'], { env: { MVM_CACHE_DIR: cache } });
    expect([status, stderr]).toEqual([0, '']);
  }
});

test('what a long command did first is kept, too', () => {
  const program = join(home.dir, 'program.cjs');
  writeFileSync(
    program,
    'function first() { return [1, 2, 3].map((n) => n * n); }\nfirst();\nsetTimeout(gc, 1);\n',
  );
  const keptBytes = (...flags: string[]) => {
    const path = join(home.dir, `code${flags.length}`);
    const source = new URL('../../src/kept-code.ts', import.meta.url).href;
    const run = `globalThis.require = (await import('node:module')).createRequire('/');
      const { runWithKeptCode } = await import(${JSON.stringify(source)});
      runWithKeptCode(${JSON.stringify(program)}, { path: ${JSON.stringify(path)}, digest: '' }, () => true);`;
    execFileSync(process.execPath, ['--expose-gc', ...flags, '--input-type=module', '-e', run]);
    return statSync(path).size;
  };
  // As many collections would: whatever does not run at the moment is dropped.
  expect(keptBytes('--stress-flush-code')).toBe(keptBytes());
});
