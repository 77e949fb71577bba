import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { templates } from '../../src/project/templates/templates.ts';
import { type Home, makeHome } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

const put = (name: string, text: string) => writeFileSync(join(home.project, name), text);
const read = (name: string) => readFileSync(join(home.project, name), 'utf8');
const git = (...argv: string[]) =>
  execFileSync('git', argv, { cwd: home.project, stdio: 'pipe', env: { ...process.env, HOME: home.dir } });

describe('init', () => {
  test.each(
    Object.keys(templates),
  )('--template %s writes files that validate finds nothing wrong with', async (template) => {
    const made = await home.run(['init', '--template', template, '--json']);
    expect(made.status, made.stderr).toBe(0);
    const { files } = JSON.parse(made.stdout) as { files: string[] };
    expect(readdirSync(home.project).sort()).toEqual([...files].sort());
    const valid = await home.run(['validate', '--json']);
    expect(valid.status, valid.stdout).toBe(0);
    expect(JSON.parse(valid.stdout)).toMatchObject({ valid: true });
  });

  test('a file that exists is never overwritten, and then nothing is written', async () => {
    put('server.js', 'mine');
    const refused = await home.run(['init', '--template', 'node']);
    expect([refused.status, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain(
      `error: server.js is in ${home.project} already, and init overwrites nothing.`,
    );
    expect([readdirSync(home.project), read('server.js')]).toEqual([['server.js'], 'mine']);
    put('Mvmfile.toml', '');
    expect((await home.run(['init'])).stderr).toContain('Mvmfile.toml is in');
    expect(readdirSync(home.project)).toHaveLength(2);
  });

  test('a flake that is there gets an mvm.toml that names it', async () => {
    put('flake.nix', '{ }');
    const { status, stdout } = await home.run(['init', '--nixpkgs', 'debian']);
    expect([status, stdout]).toEqual([0, 'mvm.toml\n']);
    expect(read('flake.nix')).toBe('{ }');
    expect(read('mvm.toml')).toBe('flake = "."\nprofile = "dev"\n\n[inputs]\nnixpkgs = "debian"\n');
  });

  test('in a git work tree the next step says what to add; an unknown template names the nearest', async () => {
    git('init', '-q');
    expect((await home.run(['init'])).stderr).toContain(
      'Next: git add flake.nix mvm.toml, then mvmctl dev up',
    );
    const typo = await home.run(['init', '--template', 'postgress']);
    expect([typo.status, typo.stderr]).toEqual([
      2,
      expect.stringContaining('mvmctl init --template postgres'),
    ]);
    const atHome = await home.run(['init'], { cwd: home.dir });
    expect([atHome.status, existsSync(join(home.dir, 'flake.nix'))]).toEqual([2, false]);
  });
});

describe('validate', () => {
  test('all mistakes are told at once, with status 1; a folder without a file says how to get one', async () => {
    const empty = await home.run(['validate']);
    expect([empty.status, empty.stdout]).toEqual([1, expect.stringContaining('→ mvmctl init')]);
    put('mvm.toml', 'flak = "."\nvcpus = "2"\n');
    const { status, stdout } = await home.run(['validate']);
    expect(status).toBe(1);
    expect(stdout).toContain("line 1: there is no setting 'flak'; did you mean flake?");
    expect(stdout).toContain('line 2: vcpus: must be a whole number');
  });

  test('what this host does not have, and what git does not track, is found', async () => {
    put('mvm.toml', 'flake = "."\nvcpus = 9999\n');
    put('flake.nix', '{ outputs = _: { x = ./data.txt; }; }');
    put('data.txt', '');
    git('init', '-q');
    git('add', 'flake.nix');
    const { status, stdout } = await home.run(['validate']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ machine .*mvm\.toml:2: 9999 vCPUs were requested/);
    expect(stdout).toContain(`→ git add ${home.project}/data.txt`);
  });
});

describe('before anything is built or started', () => {
  /** Nothing was made but the lock's folder. */
  const madeNothing = () => existsSync(join(home.dir, '.cache/mvm/images'));

  test.each([
    [['dev', 'up'], 'mvmctl dev up --name NAME', "would create a VM 'mvm-home"],
    [['up'], 'mvmctl up --name NAME', 'is your home folder'],
  ])('%j in the home folder asks for a name', async (argv, hint, words) => {
    const { status, stderr } = await home.run(argv, { cwd: home.dir });
    expect([status, stderr]).toEqual([2, expect.stringContaining(words)]);
    expect(stderr).toContain(hint);
  });

  test('up in an empty folder fails and says what to write', async () => {
    const { status, stderr } = await home.run(['up']);
    expect([status, madeNothing()]).toEqual([2, false]);
    expect(stderr).toContain('names no flake, so there is nothing to run.');
    expect(stderr).toMatch(/packages\.\w+-linux\.default/);
    expect(stderr).toContain('→ mvmctl init');
    put('flake.nix', '{ }');
    expect((await home.run(['up'])).stderr).toContain('→ mvmctl up --flake .');
  });

  test('a size that the host does not have is refused with its place', async () => {
    for (const argv of [
      ['dev', 'up', '--vcpus', '9999'],
      ['dev', 'up', '--memory', '9999G'],
    ]) {
      const { status, stderr } = await home.run(argv);
      expect([status, madeNothing()], stderr).toEqual([1, false]);
      expect(stderr).toMatch(/error: flag --(vcpus|memory): \d+ (vCPUs|MiB of memory) were requested/);
    }
    put('mvm.toml', 'mem = "9999G"\n');
    expect((await home.run(['dev', 'up'])).stderr).toContain('mvm.toml:1: ');
  });

  test('a file that the flake names and git does not track is refused with the command that adds it', async () => {
    put('mvm.toml', 'flake = "."\n');
    put('flake.nix', '{ outputs = _: { x = ./data.txt; }; }');
    put('data.txt', '');
    git('init', '-q');
    for (const missing of ['flake.nix', 'data.txt']) {
      for (const argv of [['dev', 'up'], ['up'], ['build']]) {
        const { status, stderr } = await home.run(argv);
        expect([status, madeNothing()], stderr).toEqual([1, false]);
        expect(stderr).toContain(`error: ${missing} is not tracked by git`);
        expect(stderr).toContain(`→ git add ${home.project}/${missing}`);
      }
      git('add', missing);
    }
  });

  test("a clone of mvm has no flake of a project's: nothing is said of it", async () => {
    put('flake.nix', '{ }');
    expect((await home.run(['validate'])).stdout).toContain('flake.nix is not used');
    mkdirSync(join(home.project, 'nix/lib'), { recursive: true });
    put('nix/lib/mk-guest.nix', '{ }');
    expect((await home.run(['validate'])).stdout).not.toContain('flake.nix');
  });

  test('mvm.toml and Mvmfile.toml together are one clear error, and each alone counts', async () => {
    put('Mvmfile.toml', 'vcpus = 9999\n');
    expect((await home.run(['dev', 'up'])).stderr).toContain('Mvmfile.toml:1: 9999 vCPUs');
    put('mvm.toml', 'vcpus = 9999\n');
    const { status, stderr } = await home.run(['dev', 'up']);
    expect([status, stderr]).toEqual([1, expect.stringContaining('has both mvm.toml and Mvmfile.toml')]);
    mkdirSync(join(home.project, 'sub'));
    expect((await home.run(['ls'], { cwd: join(home.project, 'sub') })).status).toBe(0);
  });

  test('a hypervisor that is not here is a preference; one that is none, or a backend, is an error', async () => {
    put('mvm.toml', 'hypervisor = "firecracker"\nvcpus = 9999\n');
    const prefers = await home.run(['dev', 'up']);
    expect(prefers.stderr).toContain('prefers firecracker, which this mvmctl does not have. Using qemu.');
    put('mvm.toml', 'hypervisor = "firecraker"\n');
    expect((await home.run(['dev', 'up'])).stderr).toContain('did you mean firecracker?');
    put('mvm.toml', 'backend = "firecracker"\n');
    expect((await home.run(['dev', 'up'])).status).toBe(1);
  });
});
