import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { imageSpec } from '../../image/image-spec.fixture.ts';
import type { Context } from '../context.ts';
import { printImage } from './print-image.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'mvm-image-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

function writeImage(more: object): void {
  const file = Buffer.from('x');
  for (const name of ['kernel', 'initrd']) writeFileSync(join(dir, name), file);
  const image = imageSpec({ kernel: file, initrd: file }, { vcpus: 2, ...more });
  writeFileSync(join(dir, 'image.json'), JSON.stringify(image));
}

async function printed(json = false): Promise<string> {
  const stdout = new PassThrough();
  const all = text(stdout);
  await printImage({ stdout, endProgress() {} } as unknown as Context, dir, json);
  stdout.end();
  return all;
}

const redis = {
  command: ['/nix/store/x/bin/redis-server', '--save', '60 1'],
  user: 'redis',
  preset: 'redis',
  presetFields: ['ready', 'user'],
  env: {},
  init: null,
  after: [],
  ready: { command: null, port: 6379, file: null, timeout: 60 },
};

it('shows each field of a service, and which of them its preset gave', async () => {
  writeImage({
    services: { redis },
    volumes: ['/var/lib/redis'],
    healthChecks: { web: { port: 80, command: null } },
  });
  const out = await printed();
  expect(out).toMatch(/^entrypoint +shell, accessible$/m);
  expect(out).toMatch(/^volumes +\/var\/lib\/redis$/m);
  expect(
    out
      .slice(out.indexOf('service redis'))
      .split('\n')
      .map((line) => line.replace(/ +/g, ' ')),
  ).toEqual([
    'service redis (preset redis)',
    " command /nix/store/x/bin/redis-server --save '60 1'",
    ' user redis (preset)',
    ' ready {"port":6379,"timeout":60} (preset)',
    '',
    'health check web',
    ' port 80',
    '',
  ]);
});

it('as JSON has all that image.json has, and its digest', async () => {
  writeImage({ services: { redis }, later: 1 });
  expect(JSON.parse(await printed(true))).toMatchObject({
    path: dir,
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    services: { redis },
    later: 1,
  });
});

it('lets no name in an image make a line of its own, or drive the terminal', async () => {
  writeImage({ name: 'app\nsealed  yes', services: { 'a\u001b[2Jb': { command: ['x\ny'] } } });
  const out = await printed();
  expect(out).toContain('app·sealed  yes');
  expect(out).toContain('service ab\n');
  expect(out).toContain("'x·y'");
  expect(out).not.toContain('\u001b');
});
