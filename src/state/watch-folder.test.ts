import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.fixture.ts';
import { watchFolder } from './watch-folder.ts';

const calls = (path: string) => {
  const seen = Promise.withResolvers<string | null>();
  const watcher = watchFolder(path, seen.resolve);
  return { first: seen.promise.finally(() => watcher.close()) };
};

test('a file that appears is told by its name', async () => {
  const dir = temporaryFolder('mvm-watch-');
  const { first } = calls(dir);
  writeFileSync(join(dir, 'new'), '');
  expect(await first).toBe('new');
});

test('what can not be watched is looked at now and then', async () => {
  expect(await calls(join(temporaryFolder('mvm-watch-'), 'missing')).first).toBeNull();
});

/** A user namespace has a count of its own, which this one may set to none. */
const noWatches = ['-Ur', 'sh', '-c', 'echo 0 >/proc/sys/user/max_inotify_instances && exec "$@"', 'sh'];
const possible = spawnSync('unshare', [...noWatches, 'true']).status === 0;

test.skipIf(!possible)('a user who has no watch left waits for a change all the same', () => {
  const dir = temporaryFolder('mvm-watch-');
  const script = `
    import { writeFileSync } from 'node:fs';
    import { awaitChange } from ${JSON.stringify(join(import.meta.dirname, 'await-change.ts'))};
    const changed = awaitChange(${JSON.stringify(dir)}, () => true, 5000);
    writeFileSync(${JSON.stringify(join(dir, 'new'))}, '');
    const began = performance.now();
    await changed;
    console.log(performance.now() - began < 4000);`;
  const argv = [...noWatches, process.execPath, '--input-type=module', '-e', script];
  expect(execFileSync('unshare', argv, { encoding: 'utf8' }).trim()).toBe('true');
});
