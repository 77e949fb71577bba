import { expect, test } from 'vitest';
import { table } from './table.ts';

const headers = ['name', 'kind', 'status', 'memory', 'project'];
const rows = [
  ['web', 'dev', 'not responding', '512 MiB', '/home/me/work/customers/web'],
  ['a-rather-long-name-of-a-vm', 'up', 'running', '1.5 GiB', '/srv/app'],
];
const expendable = ['memory', 'kind', 'project'];
const widest = (text: string) => Math.max(...text.split('\n').map(({ length }) => length));

test('a pipe gets everything', () => {
  const text = table(headers, rows, undefined, expendable);
  expect(text).toContain('512 MiB  /home/me/work/customers/web');
});

test.each([20, 30, 40, 60, 80, 100])('in %i columns no line is wider', (columns) => {
  expect(widest(table(headers, rows, columns, expendable))).toBeLessThanOrEqual(columns);
});

test('a narrow terminal gets the columns that matter, and of a path its end', () => {
  const text = table(headers, rows, 40, expendable);
  expect(text.split('\n')[0]).toMatch(/^NAME +STATUS$/);
  expect(text).toContain('web                       not responding'.slice(0, 3));
  expect(text).toContain('not responding');
  expect(table(headers, rows, 80, expendable)).toMatch(/…\S*customers\/web/);
});

test('names are cut only where nothing else can be', () => {
  expect(table(headers, rows, 30, expendable)).toMatch(/^a-rather-lon…? +running$|^a-rather-\S*… +running$/m);
});
