import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, makeHome } from '../mvmctl.ts';

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

function writeVm(name: string, text: string): void {
  const dir = join(home.dir, '.local/state/mvm/vms', name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'vm.json'), text);
}

const record = (name: string, more: object = {}) =>
  JSON.stringify({
    version: 1,
    id: '0123456789ab',
    name,
    defaultOf: null,
    project: '/somewhere',
    arch: 'x86_64',
    vcpus: 1,
    memoryMib: 256,
    createdAt: '2026-01-01T00:00:00.000Z',
    ...more,
  });

test('the bare command says where to start and ends with 0', async () => {
  const { status, stdout, stderr } = await home.run([]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('Start here: mvmctl dev up');
});

test.each([
  [['dev', 'upp'], 'mvmctl dev up'],
  [['exce', '--', 'ls'], 'did you mean mvmctl exec?'],
  [['upp'], 'did you mean mvmctl up?'],
  [['up', '--wiat'], 'did you mean --wait?'],
  [['up', '--reset'], 'mvmctl up --help'],
  [['up', '--wait-timeout', '30s'], 'mvmctl up --wait --wait-timeout 30s'],
  [['dev', 'up', '--wait', '--wait-timeout', 'soon'], 'for example: 30s, 2m, 1h'],
  [['ls', '--jsn'], 'did you mean --json?'],
])('%j is one error with the nearest match, status 2', async (argv, hint) => {
  const { status, stdout, stderr } = await home.run(argv);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/^error: /);
  expect(stderr).toContain(hint);
});

test('an unknown VM suggests the nearest one', async () => {
  writeVm('demo', record('demo'));
  const { status, stderr } = await home.run(['inspect', 'dmeo']);
  expect(status).toBe(1);
  expect(stderr).toContain("error: There is no VM 'dmeo'.");
  expect(stderr).toContain('did you mean demo?');
});

test('a project without a VM says how to make one', async () => {
  const { status, stderr } = await home.run(['exec', '--', 'true']);
  expect(status).toBe(1);
  expect(stderr).toContain('has no VM');
  expect(stderr).toContain('mvmctl dev up');
});

test('a stopped VM says how to start it', async () => {
  writeVm('demo', record('demo'));
  const { status, stderr } = await home.run(['exec', 'demo', '--', 'true']);
  expect(status).toBe(1);
  expect(stderr).toContain("VM 'demo' is stopped");
  expect(stderr).toContain('mvmctl dev up --name demo');
});

test.each([
  [['ps', 'demo']],
  [['ps', '--watch', 'demo']],
  [['service', 'restart', 'demo', 'redis']],
])('%j asks for a VM that runs', async (argv) => {
  writeVm('demo', record('demo'));
  const { status, stdout, stderr } = await home.run(argv);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^error: VM 'demo' is stopped\.\n.*mvmctl dev up --name demo\n$/);
});

test.each([
  [['logs', 'demo', 'redis'], "'redis'"],
  [['logs', 'demo', '--all', '-f'], 'its services'],
])('%j of a VM that ended by itself says that nothing is kept, and what is left', async (argv, whose) => {
  writeVm('demo', record('demo'));
  const { status, stdout, stderr } = await home.run(argv);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`error: VM 'demo' is stopped, and the logs of ${whose} were not kept.\n`);
  expect(stderr).toContain('mvmctl logs demo (');
  expect(stderr).toContain('→ mvmctl dev up --name demo\n');
});

test('logs of a service of a stopped VM are what it wrote until then, and say so', async () => {
  writeVm('demo', record('demo', { defaultOf: home.project }));
  const path = join(home.dir, '.local/state/mvm/vms/demo/services.log');
  const line = (second: number, service: string, text: string) =>
    `2026-01-31T09:30:0${second}.000Z ${service} out ${text}\n`;
  writeFileSync(path, line(1, 'web', 'one') + line(2, 'db', 'two') + line(3, 'web', 'three'));
  const web = await home.run(['logs', 'web']);
  expect([web.status, web.stdout]).toEqual([0, 'one\nthree\n']);
  expect(web.stderr).toMatch(/^demo is stopped\. This is what 'web' wrote until then \(\d{4}-.* UTC\):\n$/);
  const all = await home.run(['logs', 'demo', '--all', '--tail', '2']);
  expect([all.status, all.stdout]).toEqual([0, 'db | two\nweb | three\n']);
  const since = await home.run(['logs', 'demo', 'web', '--since', '2026-01-31T09:30:02Z', '--json']);
  expect(JSON.parse(since.stdout)).toMatchObject({ service: 'web', text: 'three' });
  const odd = await home.run(['logs', 'demo', 'wbe']);
  expect([odd.status, odd.stderr]).toEqual([1, expect.stringContaining('→ mvmctl logs demo web')]);
  writeFileSync(path, 'no log\n');
  const damaged = await home.run(['logs', 'demo', 'web']);
  expect([damaged.status, damaged.stderr]).toEqual([1, expect.stringContaining(`${path} is damaged`)]);
});

test('logs of a stopped VM are its last console, and say so; the noise of every boot is not in them', async () => {
  writeVm('demo', record('demo', { defaultOf: home.project }));
  const path = join(home.dir, '.local/state/mvm/vms/demo/console.log');
  writeFileSync(path, '[    1.8] PCI: Fatal: No config space access function found\nagent: all is well\n');
  const { status, stdout, stderr } = await home.run(['logs']);
  expect([status, stdout]).toEqual([0, 'agent: all is well\n']);
  expect(stderr).toContain(`demo is stopped. This is what its console showed last (${path})`);
  const service = await home.run(['logs', 'web']);
  expect(service.stderr).toContain(
    "There is no VM 'web'. If you mean a service in demo, this project's VM: demo is stopped.",
  );
  expect(service.stderr).toContain('→ mvmctl logs demo');
});

test.each([
  [['service', 'start'], /needs the name of a service/],
  [['logs', 'demo', '--since', '10m'], /--since needs a service: .*\n.*mvmctl logs demo --all --since/],
  [['logs', 'demo', '--all', '--since', 'soon'], /'soon' is not a time/],
  [['logs', 'demo', '--tail', 'ten'], /'ten' is not a number of lines/],
])('%j is a wrong call', async (argv, words) => {
  writeVm('demo', record('demo'));
  const { status, stderr } = await home.run(argv);
  expect([status, stderr]).toEqual([2, expect.stringMatching(words)]);
});

test("a pipe gets the last lines of a VM's console as they are, and a typo the nearest VM", async () => {
  writeVm('demo', record('demo'));
  writeFileSync(join(home.dir, '.local/state/mvm/vms/demo/console.log'), 'one\ntwo\u001b[2J\nthree\n');
  expect((await home.run(['logs', 'demo', '--tail', '2'])).stdout).toBe('two\u001b[2J\nthree\n');
  expect((await home.run(['logs', 'demmo'])).stderr).toContain('did you mean demo?');
});

test("a stopped VM of 'up' says how to start it, and a VM of the one kind is not one of the other", async () => {
  writeVm('web', record('web', { kind: 'up' }));
  writeVm('demo', record('demo'));
  const exec = await home.run(['exec', 'web', '--', 'true']);
  expect([exec.status, exec.stderr]).toEqual([1, expect.stringContaining('→ mvmctl up --name web')]);
  const dev = await home.run(['dev', 'up', '-d', '--name', 'web']);
  expect([dev.status, dev.stderr]).toEqual([
    2,
    expect.stringContaining("'web' is a VM of 'up', not a dev VM"),
  ]);
  const up = await home.run(['up', '-d', '--name', 'demo']);
  expect([up.status, up.stderr]).toEqual([
    2,
    expect.stringContaining("'demo' is a dev VM, not a VM of 'up'"),
  ]);
});

test("without a name the project's dev VM is meant, else that of 'up'; dev down is about the dev VM only", async () => {
  writeVm('app-up', record('app-up', { kind: 'up', defaultOf: home.project }));
  const name = async (...argv: string[]) =>
    (JSON.parse((await home.run([...argv, '--json'])).stdout) as { name: string } | null)?.name;
  expect(await name('inspect')).toBe('app-up');
  expect(await name('dev', 'status')).toBeUndefined();
  const down = await home.run(['dev', 'down']);
  expect([down.status, down.stderr]).toEqual([1, expect.stringContaining('has no dev VM')]);
  writeVm('zoo', record('zoo', { defaultOf: home.project }));
  expect(await name('inspect')).toBe('zoo');
  expect((await home.run(['ls'])).stdout).toMatch(/^app-up +up +stopped/m);
});

test('a listing survives damaged and newer records, and names them', async () => {
  writeVm('good', record('good'));
  writeVm('half', '{"version": 1, "id": "0123');
  writeVm('newer', record('newer', { version: 99 }));
  const { status, stdout } = await home.run(['ls', '--json']);
  expect(status).toBe(0);
  const vms = JSON.parse(stdout) as { name: string; status: string; problem: string | null }[];
  expect(vms.map((vm) => [vm.name, vm.status])).toEqual([
    ['good', 'stopped'],
    ['half', 'broken'],
    ['newer', 'broken'],
  ]);
  expect(vms[1]?.problem).toMatch(/half\/vm\.json is not valid JSON/);
  expect(vms[2]?.problem).toMatch(/newer mvmctl/);
});

test('a damaged VM can be removed, and doctor names it until then', async () => {
  writeVm('half', '{"version": 1, "id": "0123');
  const sick = await home.run(['doctor']);
  expect(sick.status).toBe(1);
  expect(sick.stdout).toContain('mvmctl rm --force half');
  expect((await home.run(['rm', '--force', 'half'])).status).toBe(0);
  expect(existsSync(join(home.dir, '.local/state/mvm/vms/half'))).toBe(false);
  expect((await home.run(['doctor', '--json'])).stdout).toContain('"healthy": true');
});

test('no colour and no cursor movement reach a pipe', async () => {
  writeVm('demo', record('demo'));
  for (const argv of [['ls'], ['doctor'], ['--help'], ['nonsense']]) {
    const { stdout, stderr } = await home.run(argv);
    expect(stdout + stderr).not.toContain('\u001b');
  }
});

test('completion offers commands, options and the names of VMs', async () => {
  writeVm('demo', record('demo'));
  const complete = async (...words: string[]) => (await home.run(['complete', '--', ...words])).stdout;
  expect(await complete('dev', 'u')).toContain('up');
  expect(await complete('inspect', 'd')).toContain('demo');
  expect(await complete('dev', 'up', '--me')).toContain('--memory');
  expect(await complete('dev', 'up', '--arch', '')).toContain('aarch64');
  writeFileSync(
    join(home.project, 'flake.nix'),
    '{ outputs = { mvm, ... }: { packages.x86_64-linux = { dev = mvm.lib.x86_64-linux.mkGuest { }; worker = mvm.lib.x86_64-linux.mkGuest { }; }; }; }',
  );
  expect((await complete('up', '--profile', '')).split(/\t?\n/)).toEqual(
    expect.arrayContaining(['dev', 'default', 'worker']),
  );
  expect(await complete('dev', 'down', '')).toContain('demo');
  expect(await complete('init', '--template', '')).toContain('postgres');
  expect((await home.run(['completion', 'bash'])).stdout).toContain('mvmctl complete --');
  expect((await home.run(['completion', 'tcsh'])).status).toBe(2);
});

test('the builder is listed, and is nobody to work in', async () => {
  writeVm('demo', record('demo'));
  const dir = join(home.dir, '.local/state/mvm/builder/vms/mvm-builder');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'vm.json'), record('mvm-builder'));
  expect((await home.run(['ls'])).stdout).toMatch(/^demo +dev [\s\S]*^mvm-builder +builder +stopped/m);
  const all = JSON.parse((await home.run(['ls', '--json'])).stdout) as object[];
  expect(all[1]).toMatchObject({ name: 'mvm-builder', kind: 'builder', project: null });
  expect((await home.run(['console', 'mvm-builder'])).stderr).toContain('→ mvmctl builder --help');
});

test('console without a terminal says what to use instead', async () => {
  writeVm('demo', record('demo'));
  const { status, stderr } = await home.run(['console', 'demo']);
  expect(status).toBe(1);
  expect(stderr).toContain('mvmctl dev up');
});
