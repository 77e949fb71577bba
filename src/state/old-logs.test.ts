import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spawnDetached } from '../process/spawn-detached.ts';
import { boundLog } from './old-logs.ts';
import { temporaryFolder } from './temporary-folder.fixture.ts';

test('a log that grew too large keeps its end, and its process goes on behind that', async () => {
  const dir = temporaryFolder('mvm-log-');
  const logPath = join(dir, 'log');
  writeFileSync(logPath, 'of an earlier process');
  const script = 'seq 10000; echo last; touch written; while [ ! -e cut ]; do sleep 0.01; done; echo after';
  const { exited } = await spawnDetached(['sh', '-c', script], { logPath, cwd: dir });
  await expect.poll(() => statSync(join(dir, 'written'), { throwIfNoEntry: false })).toBeDefined();
  expect(readFileSync(logPath, 'utf8')).toMatch(/^1\n2\n/);
  boundLog(logPath, 8000);
  expect(statSync(logPath).size).toBe(1000);
  writeFileSync(join(dir, 'cut'), '');
  await exited;
  expect(readFileSync(logPath, 'utf8')).toMatch(/^[\d\n]+10000\nlast\nafter\n$/);
});

test('a log within its bound, or none, is left alone', () => {
  const path = join(temporaryFolder('mvm-log-'), 'log');
  boundLog(path, 10);
  writeFileSync(path, '0123456789');
  boundLog(path, 10);
  expect(readFileSync(path, 'utf8')).toBe('0123456789');
});
