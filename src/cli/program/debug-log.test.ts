import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { debugLog } from './debug-log.ts';

test('a log is bounded however much happened, and has the beginning and the end of it', () => {
  const dir = join(temporaryFolder('mvm-debug-'), 'logs');
  const log = debugLog(['dev', 'up']);
  log.add({ type: 'debug', text: 'the first' });
  for (let i = 0; i < 20_000; i++) log.add({ type: 'debug', text: 'x'.repeat(1000) });
  log.add({ type: 'debug', text: 'y'.repeat(5_000_000) });
  log.add({ type: 'debug', text: 'the last' });
  const path = log.write(dir, new Error('z'.repeat(5_000_000))) ?? '';
  const text = readFileSync(path, 'utf8');
  expect(text.length).toBeLessThan(2 * 2 ** 20);
  expect(text).toMatch(/^mvmctl dev up\n/);
  for (const part of ['the first', '… lines are left out here', 'the last', 'characters left out'])
    expect(text).toContain(part);
});

test('twenty logs are kept, the newest', () => {
  const dir = temporaryFolder('mvm-debug-');
  for (let i = 10; i < 40; i++) writeFileSync(join(dir, `2020-01-01T00-00-${i}-000Z-1.log`), '');
  const path = debugLog([]).write(dir, new Error('it'));
  const names = readdirSync(dir).sort();
  expect(names).toHaveLength(20);
  expect(names[0]).toContain('00-00-21');
  expect(join(dir, names.at(-1) ?? '')).toBe(path);
});
