import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { free, talk } from '../port-talk.ts';
import { consoleArgv, openWindow } from '../terminal.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
afterAll(() => home?.destroy());

interface ForwardJson {
  hostPort: number;
  guestPort: number;
  by: string;
}

const runtimeDir = (): string => {
  const run = join(home.dir, '.local/state/mvm/run');
  const [id = ''] = readdirSync(run);
  return join(run, id);
};
const companionPid = (): number => Number(readlinkSync(join(runtimeDir(), 'comp.lock')).split(':')[0]);

async function run(...argv: string[]): Promise<string> {
  const result = await home.run(argv);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  return result.stdout;
}

const hasCompanion = () => readdirSync(runtimeDir()).includes('comp.lock');
const shown = async () => JSON.parse(await run('port', '--json')) as ForwardJson[];
const vmPorts = async () => {
  const [vm] = JSON.parse(await run('ls', '--json')) as { ports: ForwardJson[] }[];
  return vm?.ports ?? [];
};
const serve = (port: number) => ['httpd', '-f', '-p', `127.0.0.1:${port}`];

beforeAll(async () => {
  home = makeVmHome();
  await home.up();
});

test('what listens needs no companion as long as nothing does, and is told in a line of an attached shell', async () => {
  const window = openWindow(home, consoleArgv);
  await window.shows('# ');
  await home.exec('true');
  expect(hasCompanion()).toBe(false);
  const { port, server } = await free();
  server.close();
  window.type(`${serve(port).join(' ')} &\n`);
  await window.shows(`mvm: localhost:${port} is port ${port} of the VM`);
  expect(await vmPorts()).toMatchObject([{ hostPort: port, guestPort: port, by: 'guest' }]);
  expect((await talk(port, 'GET / HTTP/1.0\r\n\r\n')).text).toContain('404');
  // One that is killed is missed by the guest, whose next notice starts another.
  const before = companionPid();
  process.kill(before, 'SIGKILL');
  await expect.poll(() => hasCompanion() && companionPid() !== before, { timeout: 20_000 }).toBe(true);
  await expect.poll(() => talk(port, 'GET / HTTP/1.0\r\n\r\n')).toMatchObject({ bytes: expect.any(Number) });
  expect(window.text().split('is port').length).toBe(2);
  window.type('kill %1\n');
  await window.shows(`mvm: Port ${port} of the VM is closed`);
  expect(await vmPorts()).toEqual([]);
  await expect.poll(hasCompanion, { timeout: 20_000 }).toBe(false);
  window.type('exit\n');
  await window.exited;
});

test('what listens is found when an exec left it behind, also where it begins to listen only then', async () => {
  const { port, server } = await free();
  server.close();
  await home.exec('sh', '-c', `(sleep 2; exec ${serve(port).join(' ')}) >/dev/null 2>&1 &`);
  await expect.poll(vmPorts, { timeout: 20_000 }).toMatchObject([{ guestPort: port, by: 'guest' }]);
  await home.exec('killall', 'httpd');
  await expect.poll(vmPorts, { timeout: 20_000 }).toEqual([]);
  await expect.poll(hasCompanion, { timeout: 20_000 }).toBe(false);
});

test('what listens is forwarded as it comes and until it goes, on a neighbour’s number where its own is taken', async () => {
  const { port, server } = await free();
  const program = home.start(['exec', '--', ...serve(port)]);
  await expect.poll(shown).toMatchObject([{ guestPort: port, by: 'guest' }]);
  const [made] = await shown();
  expect(made?.hostPort).toBeGreaterThan(port); // which is in use here
  server.close();
  expect((await talk(made?.hostPort ?? 0, 'GET / HTTP/1.0\r\n\r\n')).text).toContain('404');
  process.kill(companionPid(), 'SIGKILL');
  expect(await run('ls')).toContain(`${made?.hostPort}:${port}`);
  await expect
    .poll(() => talk(made?.hostPort ?? 0, 'GET / HTTP/1.0\r\n\r\n'))
    .toMatchObject({ text: expect.stringContaining('404') });
  program.kill('SIGTERM');
  await expect.poll(shown).toEqual([]);
  await run('dev', 'down');
});

test('what listens is left alone with forward = "declared"', async () => {
  writeFileSync(join(home.project, 'mvm.toml'), '[dev]\nforward = "declared"\nmount = "none"\n');
  await home.up();
  const { port, server } = await free();
  server.close();
  const program = home.start(['exec', '--', ...serve(port)]);
  await expect.poll(async () => (await home.exec('netstat', '-ltn')).stdout).toContain(`:${port} `);
  await delay(1500);
  expect(hasCompanion()).toBe(false);
  program.kill('SIGTERM');
  await run('dev', 'down');
});
