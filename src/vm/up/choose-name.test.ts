import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { MvmEvent } from '../../events/events.ts';
import type { Project } from '../../project/project.ts';
import { findPaths, type Paths, vmPaths } from '../../state/paths.ts';
import { temporaryFolder } from '../../state/temporary-folder.fixture.ts';
import { type VmKind, vmRecords } from '../state/record.ts';
import { chooseName } from './choose-name.ts';

let paths: Paths;
let events: MvmEvent[];
let project: Project;
const configured = (value: string) => ({ value, source: '/p/mvm.toml:1' });

beforeEach(async () => {
  const home = temporaryFolder('mvm-name-');
  paths = findPaths({ HOME: home });
  project = { dir: join(home, 'My App'), configFile: undefined };
  await mkdir(project.dir);
  events = [];
});

async function vm(name: string, defaultOf: string, kind: VmKind = 'dev'): Promise<void> {
  const files = vmPaths(paths, name);
  await mkdir(files.dir, { recursive: true });
  await vmRecords.write(files.record, {
    id: '0123456789ab',
    name,
    kind,
    defaultOf,
    project: defaultOf,
    arch: 'x86_64',
    vcpus: 1,
    memoryMib: 512,
    env: {},
    sources: {},
    createdAt: '',
  });
}
let home = '/home/someone';
const choose = (name?: string, kind: VmKind = 'dev') =>
  chooseName(kind, project, name === undefined ? undefined : configured(name), {
    paths,
    emit: (event) => events.push(event),
    env: { HOME: home },
  });

test('a new VM is named by mvm.toml, else after the folder', async () => {
  expect(await choose('web')).toBe('web');
  expect(await choose()).toBe('my-app');
  await vm('my-app', '/elsewhere');
  expect(await choose()).toBe('my-app-2');
});

test('the home folder and the root are no projects, unless a file or a name says so', async () => {
  home = project.dir;
  await expect(choose()).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining("would create a VM 'my-app'"),
    hint: expect.stringContaining('mvmctl dev up --name NAME'),
  });
  await expect(choose(undefined, 'up')).rejects.toMatchObject({
    message: expect.stringContaining("'my-app-up'"),
  });
  const root = { paths, emit: () => {}, env: {} };
  await expect(chooseName('dev', { dir: '/', configFile: undefined }, undefined, root)).rejects.toMatchObject(
    {
      message: expect.stringContaining('/ is the root folder'),
    },
  );
  expect(
    await chooseName('dev', { ...project, configFile: 'mvm.toml' }, undefined, {
      ...root,
      env: { HOME: home },
    }),
  ).toBe('my-app');
  expect(await chooseName('dev', project, undefined, { ...root, env: { HOME: home }, name: 'x' })).toBe('x');
  // One that was made there before is found again.
  await vm('my-app', project.dir);
  expect(await choose()).toBe('my-app');
  home = '/home/someone';
});

test('a name that is given and is that of another project’s VM is that VM, and a line says so', async () => {
  await vm('web', project.dir);
  const emit = (event: MvmEvent) => events.push(event);
  expect(await chooseName('dev', project, undefined, { paths, emit, env: {}, name: 'web' })).toBe('web');
  expect(events).toEqual([]);
  await vm('theirs', '/elsewhere');
  expect(await chooseName('dev', project, undefined, { paths, emit, env: {}, name: 'theirs' })).toBe(
    'theirs',
  );
  expect(events).toMatchObject([
    { level: 'warn', text: expect.stringContaining("VM 'theirs' was created in /elsewhere") },
  ]);
});

test('the VM that the project has keeps its name, and a line says so', async () => {
  await vm('old', project.dir);
  expect(await choose('web')).toBe('old');
  expect(events).toMatchObject([{ level: 'warn', text: expect.stringContaining('mvmctl rm old') }]);
});

test('another project’s VM of the name in mvm.toml is an error with the line', async () => {
  await vm('web', '/elsewhere');
  await expect(choose('web')).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: "/p/mvm.toml:1: there is already a VM 'web' of /elsewhere.",
  });
});

test("the VM of 'up' is the project's name with -up, beside its dev VM", async () => {
  expect(await choose(undefined, 'up')).toBe('my-app-up');
  expect(await choose('web', 'up')).toBe('web-up');
  expect(await choose('a'.repeat(32), 'up')).toBe(`${'a'.repeat(29)}-up`);
  await vm('my-app', project.dir);
  expect(await choose(undefined, 'up')).toBe('my-app-up');
  await vm('my-app-up', '/elsewhere', 'up');
  expect(await choose(undefined, 'up')).toBe('my-app-up-2');
  await vm('mine', project.dir, 'up');
  expect(await choose(undefined, 'up')).toBe('mine');
  expect(await choose()).toBe('my-app');
});

test("a dev VM that has the name which 'up' would take is left alone", async () => {
  await vm('my-app-up', project.dir, 'dev');
  expect(await choose(undefined, 'up')).toBe('my-app-up-2');
});
