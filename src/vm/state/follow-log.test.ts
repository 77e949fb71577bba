import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identify } from '../../process/identity.ts';
import { followLog } from './follow-log.ts';
import type { Vm } from './vm.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mvm-log-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

async function logged(content: string, tail?: number): Promise<string> {
  const consoleLog = join(dir, 'console.log');
  writeFileSync(consoleLog, content);
  const out = new PassThrough();
  const vm = { paths: { consoleLog }, vmm: undefined } as unknown as Vm;
  const all = text(out);
  await followLog(vm, out, { follow: false, tail, signal: new AbortController().signal });
  out.end();
  return all;
}

it.each([
  ['a\nb\nc\n', 2, 'b\nc\n'],
  ['a\nb\nc', 2, 'b\nc'],
  ['a\nb\n', 9, 'a\nb\n'],
  ['a\nb\n', 0, ''],
  ['\n\n', 1, '\n'],
  ['', 3, ''],
])('the last lines of %j, %i of them, are %j', async (content, tail, wanted) => {
  expect(await logged(content, tail)).toBe(wanted);
});

it('goes on where the log was cut meanwhile', async () => {
  const consoleLog = join(dir, 'console.log');
  writeFileSync(consoleLog, 'a flood of lines\n');
  const out = new PassThrough();
  const over = new AbortController();
  const vm = { paths: { consoleLog }, vmm: await identify(process.pid) } as unknown as Vm;
  const says = (text: string) => expect.poll(() => out.read()?.toString() ?? '').toBe(text);
  const following = followLog(vm, out, { follow: true, signal: over.signal });
  await says('a flood of lines\n');
  writeFileSync(consoleLog, 'lines\n');
  // What comes before it has seen the cut may be passed over.
  const goesOn = () => {
    appendFileSync(consoleLog, 'after\n');
    return out.read()?.toString() ?? '';
  };
  await expect.poll(goesOn).toMatch(/^(after\n)+$/);
  over.abort();
  await following;
});

it('finds lines that are further from the end than it reads at once', async () => {
  const long = `${'x'.repeat(100_000)}\n`;
  expect(await logged(`first\n${long}${long}`, 2)).toBe(`${long}${long}`);
  expect(await logged(`first\n${long}`)).toBe(`first\n${long}`);
});
