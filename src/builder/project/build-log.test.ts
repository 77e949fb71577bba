import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeOldLogs } from '../../state/old-logs.ts';
import { buildLogDir, findPaths } from '../../state/paths.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { createBuildLog } from './build-log.ts';

test('a build that says more than a log may hold ends it with a line about the rest', async () => {
  const paths = findPaths({ HOME: temporaryFolder('mvm-build-log-') });
  const log = await createBuildLog(paths, () => {}, { most: 10_000 });
  for (let i = 0; i < 1000; i++) log.write('ä'.repeat(50));
  await log.end();
  expect(statSync(log.path).size).toBeLessThan(10_100);
  expect(readFileSync(log.path, 'utf8')).toMatch(/ä\n… the rest of the log was left out\n$/);
});

test('with a new log the oldest go: twenty are kept', async () => {
  const paths = findPaths({ HOME: temporaryFolder('mvm-build-log-') });
  const dir = buildLogDir(paths);
  mkdirSync(dir, { recursive: true });
  for (let i = 10; i < 40; i++) writeFileSync(join(dir, `2020-01-01T00-00-${i}-000Z-1.log`), '');
  // Nothing that lies there keeps a build from its log.
  mkdirSync(join(dir, '2019'));
  await (await createBuildLog(paths, () => {})).end();
  const names = readdirSync(dir).sort();
  expect(names).toHaveLength(20);
  expect(names[0]).toContain('00-00-21');
});

test('logs together are bounded, too: few large ones leave no room for older ones', () => {
  const dir = temporaryFolder('mvm-build-log-');
  for (const name of ['1', '2', '3']) writeFileSync(join(dir, name), Buffer.alloc(100_000, 1));
  removeOldLogs(dir, { files: 20, bytes: 250_000 });
  expect(readdirSync(dir).sort()).toEqual(['2', '3']);
});
