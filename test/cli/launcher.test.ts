import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Home, makeHome, runProcess } from '../mvmctl.ts';

const root = dirname(dirname(import.meta.dirname));
let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.remove());

/** A checkout in which nothing is installed yet. */
function freshCheckout(): string {
  const checkout = join(home.dir, 'checkout');
  mkdirSync(checkout);
  for (const name of ['mvmctl', 'scripts', 'package.json', 'package-lock.json'])
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  return checkout;
}

/** A port of this host where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

test('a first start without its npm registry says what it does and for how long, and ends with what helps', async () => {
  const registry = `http://127.0.0.1:${await closedPort()}/`;
  const env = {
    ...home.env,
    MVM_NODE: process.execPath,
    npm_config_registry: registry,
    npm_config_cache: join(home.dir, 'npm-cache'),
    TMPDIR: home.dir,
  };
  const began = performance.now();
  const { status, stdout, stderr } = await runProcess(['sh', join(freshCheckout(), 'mvmctl'), 'ls'], { env });
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^Installing npm packages …\n/);
  expect(stderr).toContain('error: npm ci failed.\n  → npm ping   (npm does not reach its registry;');
  // npm's own retries would be silent for more than a minute.
  expect(performance.now() - began).toBeLessThan(45_000);
});

test.each([
  ['npm error code SELF_SIGNED_CERT_IN_CHAIN\n', 'export NODE_EXTRA_CA_CERTS='],
  ['npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY\n', 'export NODE_EXTRA_CA_CERTS='],
  ['npm error code ENOTFOUND\n', 'npm ping'],
  ['npm error code EINTEGRITY\n', 'the command itself'],
])('what npm says of its failure (%j) leads to %s', async (said, hint) => {
  const log = join(home.dir, 'npm.log');
  writeFileSync(log, said);
  const script = '. "$1/scripts/bootstrap.sh"; npm_hint "$2" "the command itself"';
  const { stdout } = await runProcess(['sh', '-c', script, 'sh', root, log], { env: home.env });
  expect(stdout.startsWith(hint), stdout).toBe(true);
});
