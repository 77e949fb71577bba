import {
  closeSync,
  cpSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { recordTemplate } from '../../../src/vm/template/store.ts';
import { makeTemplateHome, type TemplateHome } from '../template-home.ts';
import { small } from '../vm-home.ts';

let home: TemplateHome;
afterEach(() => home.destroy());

function flip(path: string): void {
  const at = Math.floor(Math.random() * statSync(path).size);
  const file = openSync(path, 'r+');
  const byte = Buffer.alloc(1);
  readSync(file, byte, 0, 1, at);
  byte[0] = (byte[0] ?? 0) ^ 0x10;
  writeSync(file, byte, 0, 1, at);
  closeSync(file);
}

const cut = (path: string): void => truncateSync(path, Math.floor(Math.random() * statSync(path).size));

test('a template that was written to, or cut, is not used; the VM boots, and the template goes', async () => {
  home = makeTemplateHome();
  const dir = await home.make();
  const kept = join(home.dir, 'kept');
  cpSync(dir, kept, { recursive: true });
  for (const name of ['memory', 'state', 'template.json']) {
    for (const damage of [flip, cut, (path: string) => rmSync(path)]) {
      rmSync(dir, { recursive: true, force: true });
      cpSync(kept, dir, { recursive: true });
      await record(dir);
      damage(join(dir, name));
      // A record that is gone is no template; whatever else is wrong is noticed.
      await home.up();
      expect(home.templateOf('project'), `${name}: ${damage}`).toBeUndefined();
      if (!(name === 'template.json' && damage.toString().includes('rmSync')))
        expect(home.templates()).toEqual([]);
      await home.run(['stop', '--force', 'project']);
    }
  }
});

test('one that lies is found out by loading it, or by the guest that does not answer; it is not made again at once', async () => {
  home = makeTemplateHome();
  const dir = await home.make();
  const kept = join(home.dir, 'kept');
  cpSync(dir, kept, { recursive: true });
  const lies: [string, (dir: string) => void][] = [
    ['state', (where) => truncateSync(join(where, 'state'), 1000)],
    [
      'memory',
      (where) => {
        const { size } = statSync(join(where, 'memory'));
        truncateSync(join(where, 'memory'), 0);
        truncateSync(join(where, 'memory'), size);
      },
    ],
  ];
  for (const [name, lie] of lies) {
    rmSync(dir, { recursive: true, force: true });
    cpSync(kept, dir, { recursive: true });
    lie(dir);
    await record(dir);
    await home.up();
    expect(home.templateOf('project'), name).toBeUndefined();
    expect(home.templates(), name).toEqual([expect.stringMatching(/\.failed$/)]);
    expect((await home.exec('true')).status).toBe(0);
    home.env.MVM_TEMPLATES = 'on';
    await home.run(['stop', '--force', 'project']);
    await home.up();
    expect(home.templates(), name).toEqual([expect.stringMatching(/\.failed$/)]);
    home.env.MVM_TEMPLATES = 'use';
    await home.run(['stop', '--force', 'project']);
    rmSync(join(home.cache, 'templates', home.templates()[0] ?? ''));
  }
});

/** The record of a template that was copied, or of one that lies. */
const record = (dir: string) =>
  recordTemplate(dir, {
    image: join(home.cache, 'images'),
    imageName: 'default',
    vcpus: 1,
    memoryMib: 192,
    madeAt: new Date().toISOString(),
  });

test('a maker that is killed at any moment leaves no machine running, and nothing that stays', async () => {
  home = makeTemplateHome();
  const { name } = await home.up();
  const others = home.qemus();
  const runtime = join(home.dir, '.local/state/mvm/run');
  const sockets = readdirSync(runtime);
  for (const ms of [200, 500, 1000, 2000, 3000]) {
    const maker = home.start(['template', 'make']);
    await delay(ms);
    maker.kill('SIGKILL');
    await maker.done;
    // Without its host the machine powers off as soon as it could be saved.
    await expect.poll(home.qemus).toEqual(others);
  }
  const made = await home.run(['template', 'make']);
  expect(made, made.stderr).toMatchObject({ status: 0 });
  expect(home.templates()).toHaveLength(1);
  expect(readdirSync(runtime)).toEqual(sockets);

  await home.run(['template', 'rm', '--all']);
  const maker = home.start(['template', 'make']);
  await delay(900);
  maker.kill('SIGKILL');
  await maker.done;
  const pruned = await home.run(['prune']);
  expect(pruned.status, pruned.stderr).toBe(0);
  expect(home.qemus()).toEqual(others);
  expect(home.templates()).toEqual([]);
  expect(readdirSync(runtime)).toEqual(sockets);
  expect((await home.exec('hostname')).stdout.trim()).toBe(name);
});

test('a start that is killed at any moment while it resumes does not keep the next one from it', async () => {
  home = makeTemplateHome();
  await home.make();
  for (let ms = 80; ms < 900; ms += 75) {
    const start = home.start(['dev', 'up', '-d', ...small]);
    await delay(ms);
    start.kill('SIGKILL');
    await start.done;
    const { status } = await home.up();
    expect(status, `killed after ${ms} ms`).toBe('running');
    expect((await home.exec('hostname')).stdout.trim(), `killed after ${ms} ms`).toBe('project');
    expect(home.qemus()).toHaveLength(1);
    expect((await home.run(['stop', ...(ms % 2 === 0 ? [] : ['--force'])])).status).toBe(0);
  }
  expect(home.templates()).toHaveLength(1);
});
