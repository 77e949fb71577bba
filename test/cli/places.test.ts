import { chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { vmPaths } from '../../src/state/paths.ts';
import { ownArch, vmRecords } from '../../src/vm/state/record.ts';
import { entry, type Home, makeHome, type Result, runProcess } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const state = () => join(home.dir, '.local/state/mvm');
const vm = () => vmPaths({ state: state(), cache: '', runtime: '', config: '' }, 'demo');

async function makeVm(project: string): Promise<void> {
  mkdirSync(vm().dir, { recursive: true, mode: 0o700 });
  await vmRecords.write(vm().record, {
    ...{ id: '0123456789ab', name: 'demo', kind: 'dev', defaultOf: project, project, arch: ownArch() },
    ...{ vcpus: 1, memoryMib: 192, env: {}, sources: {}, createdAt: '2020-01-01T00:00:00.000Z' },
  });
}

/** Commands that need no backend. */
const commands = [
  ['ls'],
  ['ls', '--json'],
  ['dev', 'status'],
  ['exec', '--', 'true'],
  ['dev', 'down'],
  ['logs', 'demo'],
  ['inspect', 'demo'],
  ['images'],
  ['builder', 'status'],
  ['rmi', '--unused'],
  ['prune'],
  ['rm', 'demo'],
];

function isOneError({ status, stderr }: Result, path: string, argv: string[]): void {
  expect(stderr, argv.join(' ')).not.toContain('bug:');
  expect(stderr.match(/^error: /gm), argv.join(' ')).toHaveLength(1);
  expect(stderr).toContain(path);
  expect(status).toBe(1);
}

describe('a file in the place of a folder is an error with its path, in every command', () => {
  test.each(['.local/state/mvm', '.cache/mvm'])('%s', async (name) => {
    const path = join(home.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
    for (const argv of commands) isOneError(await home.run(argv), path, argv);
    const doctor = await home.run(['doctor']);
    expect(doctor.stderr).toBe('');
    expect(doctor.stdout).toContain(`${path} should be a folder for mvmctl, but it is a file.`);
  });

  test('the folder of all VMs', async () => {
    const path = join(state(), 'vms');
    mkdirSync(state(), { recursive: true });
    writeFileSync(path, '');
    for (const argv of [['ls'], ['dev', 'status'], ['dev', 'down']])
      isOneError(await home.run(argv), path, argv);
  });
});

describe('a folder in the place of a file is an error with its path', () => {
  test('the console log', async () => {
    await makeVm(home.project);
    mkdirSync(vm().consoleLog);
    isOneError(await home.run(['logs']), vm().consoleLog, ['logs']);
  });

  test('mvm.toml', async () => {
    mkdirSync(join(home.project, 'mvm.toml'));
    isOneError(await home.run(['dev', 'up', '-d']), join(home.project, 'mvm.toml'), ['dev', 'up']);
  });
});

test('an mvm.toml that is a pipe or a link to nowhere is an error, and not a project without settings', async () => {
  const file = join(home.project, 'mvm.toml');
  for (const make of ['mkfifo mvm.toml', 'ln -s gone mvm.toml', 'ln -s mvm.toml mvm.toml']) {
    await runProcess(['sh', '-c', make], { cwd: home.project, env: home.env });
    const running = home.start(['dev', 'up', '-d']);
    // A read of a pipe can only be killed.
    const late = setTimeout(() => running.kill('SIGKILL'), 20_000);
    const result = await running.done;
    clearTimeout(late);
    isOneError(result, file, [make]);
    rmSync(file);
  }
});

test('a state folder that others can write to is refused by every command, and left alone', async () => {
  await makeVm(home.project);
  chmodSync(state(), 0o777);
  for (const argv of commands) {
    const result = await home.run(argv);
    isOneError(result, state(), argv);
    expect(result.stderr).toContain(`chmod go-w ${state()}`);
  }
  expect(existsSync(vm().record)).toBe(true);
  expect((await home.run(['doctor'])).stdout).toContain('can be written to by everybody (mode 0777)');
  chmodSync(state(), 0o755);
  expect((await home.run(['ls'])).stdout).toContain('demo');
});

test.runIf(process.getuid?.() === 0)('root does not begin anything in the home of another user', async () => {
  chownSync(home.dir, 12345, 12345);
  const result = await home.run(['dev', 'up', '-d']);
  isOneError(result, `${home.dir} belongs to user 12345, and you are root.`, ['dev', 'up']);
  expect(result.stderr).toContain('sudo -H mvmctl');
  expect(existsSync(join(home.dir, '.local'))).toBe(false);
});

test('control characters in a project’s path are shown, and drive no terminal', async () => {
  const project = join(home.dir, 'a\u001b[31mb\nc');
  mkdirSync(project);
  await makeVm(project);
  const shown = `${home.dir}/a\\x1b[31mb\\nc`;
  for (const argv of [['ls'], ['inspect', 'demo'], ['dev', 'status']]) {
    const { stdout, stderr } = await home.run(argv, { cwd: project });
    expect(stdout + stderr).not.toContain('\u001b');
    expect(stdout).toContain(shown);
  }
  rmSync(vm().dir, { recursive: true });
  const { stderr } = await home.run(['dev', 'status'], { cwd: project });
  expect(stderr).not.toContain('\u001b');
});

test('a checkout’s launcher in a folder that was deleted acts on no project', async () => {
  // As a built checkout, whose program is the one that is tested.
  const checkout = join(home.dir, 'checkout');
  for (const name of ['src', 'guest', 'nix', 'scripts', 'dist', 'build'])
    mkdirSync(join(checkout, name), { recursive: true });
  for (const name of ['flake.nix', 'scripts/build.ts', 'package-lock.json'])
    writeFileSync(join(checkout, name), '');
  copyFileSync(join(entry, '../../mvmctl'), join(checkout, 'mvmctl'));
  writeFileSync(join(checkout, 'dist/mvmctl.cjs'), `require(${JSON.stringify(entry)})`);
  writeFileSync(join(checkout, 'build/launch'), `${process.execPath}\n`);
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" dev status';
  const argv = ['sh', '-c', script, join(checkout, 'mvmctl')];
  const result = await runProcess(argv, { cwd: home.project, env: home.env });
  expect(result.stderr).toContain('error: The working directory no longer exists.');
  expect(result.status).toBe(2);
});

test.runIf(process.getuid?.() === 0)('a user who has no home is told so, by every command', async () => {
  // A number that no account has, as containers run with.
  const nobody = [
    'setpriv',
    '--reuid',
    '1234567',
    '--regid',
    '1234567',
    '--clear-groups',
    'env',
    '-u',
    'HOME',
  ];
  for (const argv of [...commands, ['--help']]) {
    const result = await runProcess([...nobody, process.execPath, entry, ...argv], {
      cwd: '/',
      env: home.env,
    });
    expect(result).toMatchObject({ status: 1, stdout: '' });
    expect(result.stderr).toBe(
      'error: HOME is not set, and the system knows no home of user 1234567.\n  → export HOME=/path/of/a/folder/of/yours\n',
    );
  }
});
