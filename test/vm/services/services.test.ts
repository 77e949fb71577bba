import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readyAgain, serviceLog, servicesUntil } from '../guest-services.ts';
import { makeNixHome, type VmHome } from '../vm-home.ts';

const example = join(import.meta.dirname, '../../../examples/dev-services');
const up = ['dev', 'up', '--wait', '--nixpkgs', 'debian'];

let home: VmHome;
beforeAll(async () => {
  home = await makeNixHome();
  cpSync(example, home.project, { recursive: true });
  const { status, stderr } = await home.run(up);
  expect(status, stderr).toBe(0);
});
afterAll(() => home.destroy());

async function inside(script: string): Promise<string> {
  const { status, stdout, stderr } = await home.exec('/bin/bash', '-euc', script);
  expect(status, stderr).toBe(0);
  return stdout;
}

test("the specification's second flake, unedited, is a bash with PostgreSQL and Redis that answer, not as root", async () => {
  const { services } = await servicesUntil(home, () => true);
  expect(services.map(({ name, user, preset, restarts }) => [name, user, preset, restarts])).toEqual([
    ['postgres', 'postgres', 'postgres', 0],
    ['redis', 'redis', 'redis', 0],
  ]);
  expect((await home.exec('pg_isready')).stdout).toContain('accepting connections');
  expect((await home.exec('redis-cli', 'ping')).stdout).toBe('PONG\n');
  expect(await inside('echo "$BASH_VERSION"')).toMatch(/^5\./);
});

test('a row that PostgreSQL has confirmed is read back after kill -9 of the server', async () => {
  await inside(`psql -qU postgres -c 'create table t (x text)' -c "insert into t values ('written')"
    kill -9 "$(head -n 1 /var/lib/postgresql/data/postmaster.pid)"`);
  const { services } = await servicesUntil(home, readyAgain('postgres', 1));
  expect(services[0]).toMatchObject({ signal: 'KILL', restarts: 1 });
  expect(await inside(`psql -U postgres -Atc 'select x from t'`)).toBe('written\n');
});

test('Redis is back after kill -9 with what it had saved, and nothing else was restarted', async () => {
  await inside(
    'redis-cli set saved 1; redis-cli save; redis-cli set unsaved 1; kill -9 "$(pidof redis-server)"',
  );
  const { services } = await servicesUntil(home, readyAgain('redis', 1));
  expect(services.map(({ restarts }) => restarts)).toEqual([1, 1]);
  expect(await inside('redis-cli mget saved unsaved')).toBe('1\n\n');
});

test('dev down gives them the time to end, and dev up finds what they had written', async () => {
  await inside('redis-cli set last 2');
  expect((await home.run(['dev', 'down'])).status).toBe(0);
  const { status, stderr } = await home.run(up);
  expect(status, stderr).toBe(0);
  expect(await inside(`redis-cli get last; psql -U postgres -Atc 'select x from t'`)).toBe('2\nwritten\n');
  expect(await serviceLog(home, 'postgres')).toMatch(/database system was shut down at/);
});
