import { randomUUID } from 'node:crypto';
import { appendFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeBuilderHome, type VmHome, type VmJson } from '../vm-home.ts';

const example = join(import.meta.dirname, '../../../examples/dev-shell');
let home: VmHome;
let vm: VmJson & { vcpus: number; memoryMib: number };

beforeAll(async () => {
  home = makeBuilderHome();
  cpSync(example, home.project, { recursive: true });
  // No earlier run has built these files: what a build reads is known where there was one.
  writeFileSync(join(home.project, 'notes.md'), randomUUID());
  const result = await home.run(['dev', 'up', '-d', '--json', '--nixpkgs', 'debian']);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  vm = JSON.parse(result.stdout) as typeof vm;
});
afterAll(() => home.destroy());

test("the specification's first flake, unedited, is a bash in which its packages run", async () => {
  const script =
    'git --version && jq --version && rg --version && python3 -c "print(6*7)" && echo "$BASH_VERSION"';
  const { status, stdout, stderr } = await home.exec('/bin/bash', '-c', script);
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/git version \d[\s\S]*jq-1[\s\S]*ripgrep \d[\s\S]*\n42\n5\./);
});

test('the VM has the vcpus and the memory of mvm.toml, and so has the guest', async () => {
  expect(vm).toMatchObject({ vcpus: 2, memoryMib: 1024 });
  expect((await home.exec('nproc')).stdout.trim()).toBe('2');
});

test('what is written in it is there after a restart, over the read-only root', async () => {
  expect((await home.exec('sh', '-c', 'echo kept >/root/kept && rm /bin/rg')).status).toBe(0);
  expect((await home.run(['dev', 'down'])).status).toBe(0);
  expect((await home.run(['dev', 'up', '-d', '--nixpkgs', 'debian'])).status).toBe(0);
  expect((await home.exec('cat', '/root/kept')).stdout).toBe('kept\n');
  expect((await home.exec('rg', '--version')).status).toBe(127);
});

test('an unchanged project is recognised without a builder, and its image listed', async () => {
  const elsewhere = { env: { MVM_STATE_DIR: join(home.dir, 'state') } };
  const { stdout } = await home.run(['build', '--nixpkgs', 'debian', '--json'], elsewhere);
  const built = JSON.parse(stdout) as { cached: boolean; digest: string };
  expect(built.cached).toBe(true);
  const status = await home.run(['builder', 'status', '--json'], elsewhere);
  expect(JSON.parse(status.stdout)).toMatchObject({ status: 'absent' });
  expect((await home.run(['images'])).stdout).toContain(built.digest.slice(0, 12));
  expect((await home.run(['rmi', built.digest.slice(0, 12)])).stderr).toContain('is running from this image');
  const unused = await home.run(['rmi', '--unused', '--dry-run', '--json']);
  expect((JSON.parse(unused.stdout) as { digest: string }[]).map(({ digest }) => digest)).not.toContain(
    built.digest,
  );
});

test('a file that no build has read may be edited: its image is known without a builder', async () => {
  writeFileSync(join(home.project, 'notes.md'), randomUUID());
  appendFileSync(join(home.project, 'mvm.toml'), '\n[env]\nGREETING = "hello"\n');
  const { status, stdout, stderr } = await home.run(['build', '--json', '--nixpkgs', 'debian']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ cached: true });
});

test('a flake without the output that is asked for is an error that names it', async () => {
  const { status, stderr } = await home.run(['build', '--nixpkgs', 'debian', '--profile', 'nosuch']);
  expect(status).toBe(1);
  expect(stderr).toContain('nosuch');
});

test('a flake that is edited while its VM runs is told, and a restart that can not succeed ends nothing', async () => {
  const up = (...more: string[]) => home.run(['dev', 'up', '-d', '--nixpkgs', 'debian', ...more]);
  expect((await up()).stderr).not.toContain('changed since');
  appendFileSync(join(home.project, 'flake.nix'), '# edited\n');
  const told = await up();
  expect(told.status, told.stderr).toBe(0);
  expect(told.stderr).toMatch(/flake\.nix changed since the image of '\S+' was built\. .*--restart/);
  writeFileSync(join(home.project, 'flake.nix'), '{ outputs = _: throw "broken"; }');
  expect((await up('--restart')).status).toBe(1);
  expect((await home.exec('true')).status).toBe(0);
  cpSync(example, home.project, { recursive: true });
  expect((await up()).stderr).not.toContain('changed since');
});
