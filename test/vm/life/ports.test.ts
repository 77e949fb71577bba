import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { portServer, serverPorts, startServerScript } from '../port-server.ts';
import { free, talk } from '../port-talk.ts';
import { isRunning, makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
const { echo, count, source, resets, deaf, echoOnLoopback, echoOnLoopback6, closes, nobody } = serverPorts;

interface ForwardJson {
  address: string;
  hostPort: number;
  guestPort: number;
}

/** By the guest's port: where it is on the host. Any free one, as other tests run beside this one. */
const at = new Map<number, number>();

const hostPort = (guest: number): number => {
  const port = at.get(guest);
  if (port === undefined) throw new Error(`${guest} is not forwarded`);
  return port;
};

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

async function forward(...ports: (number | string)[]): Promise<ForwardJson[]> {
  const made = JSON.parse(await run('forward', '-d', '--json', ...ports.map(String))) as ForwardJson[];
  for (const { hostPort: mine, guestPort } of made) at.set(guestPort, mine);
  return made;
}

beforeAll(async () => {
  home = makeVmHome();
  await home.up();
  expect(existsSync(join(runtimeDir(), 'comp.sock'))).toBe(false);
  const started = await home.run(['exec', '-i', '--', 'sh', '-c', startServerScript], {
    input: portServer(),
  });
  expect(started, started.stderr).toMatchObject({ status: 0 });
  await forward(...Object.values(serverPorts).map((port) => `0:${port}`));
});
afterAll(() => home?.destroy());

describe('a forwarded port', () => {
  test('reaches programs on all of the guest’s addresses, on either loopback of the host', async () => {
    for (const port of [echo, echoOnLoopback, echoOnLoopback6])
      for (const host of ['127.0.0.1', '::1'])
        expect(await talk(hostPort(port), 'hello', host)).toEqual({ bytes: 5, text: 'hello' });
  });

  test('ends each direction in its own time', async () => {
    expect(await talk(hostPort(count), 'x'.repeat(100_000))).toMatchObject({ text: '100000 bytes' });
    expect(await talk(hostPort(source), '1000000\n')).toMatchObject({ bytes: 1_000_000 });
    expect(await talk(hostPort(closes), '')).toMatchObject({ text: 'bye' });
  });

  test('passes a reset on, from the guest and to it', async () => {
    expect(await talk(hostPort(resets), 'x')).toMatchObject({ error: 'ECONNRESET' });
    const socket = connect({ port: hostPort(echo), host: '127.0.0.1' });
    socket.write('x');
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    socket.resetAndDestroy();
    await expect
      .poll(async () => (await home.exec('cat', '/tmp/port-server.log')).stdout)
      .toContain('connection reset by peer');
  });

  test('refuses at once where nobody listens', async () => {
    const begun = performance.now();
    expect(await talk(hostPort(nobody), '')).toMatchObject({ bytes: 0, error: 'ECONNRESET' });
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('carries 500 connections at once, whole, while one that nobody reads stands', async () => {
    const stuck = connect({ port: hostPort(deaf), host: '127.0.0.1' });
    stuck.on('error', () => {});
    stuck.write(Buffer.alloc(8 << 20));
    const all = await Promise.all(
      Array.from({ length: 500 }, (_, i) => talk(hostPort(echo), `${i}.`.repeat(500), '127.0.0.1')),
    );
    expect(all.map(({ text }) => text)).toEqual(all.map((_, i) => `${i}.`.repeat(500)));
    stuck.destroy();
  });

  test('carries bytes of each kind as they are, both ways at once', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i + (i >> 8)) & 255));
    const back = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect({ port: hostPort(echo), host: '127.0.0.1', allowHalfOpen: true });
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.on('end', () => resolve(Buffer.concat(chunks)));
      socket.on('error', reject);
      socket.end(bytes);
    });
    expect(back.equals(bytes)).toBe(true);
  });
});

describe('forwards', () => {
  test('are shown by port and ls', async () => {
    const shown = JSON.parse(await run('port', '--json')) as ForwardJson[];
    expect(shown.map(({ guestPort }) => guestPort)).toEqual(Object.values(serverPorts));
    const [vm] = JSON.parse(await run('ls', '--json')) as { ports: ForwardJson[] }[];
    expect(vm?.ports).toHaveLength(shown.length);
    expect(await run('port')).toContain(`localhost:${hostPort(echo)}  7001`);
  });

  test('that are asked for once more are left as they are', async () => {
    const same = `${hostPort(echo)}:${echo}`;
    expect(await forward(same)).toMatchObject([{ hostPort: hostPort(echo) }]);
    expect(JSON.parse(await run('port', '--json'))).toHaveLength(Object.values(serverPorts).length);
  });

  test('on a port in use are refused, with the process that has it', async () => {
    const { port, server } = await free();
    const result = await home.run(['forward', '-d', `${port}:${echo}`]);
    server.close();
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`localhost:${port} of this host is in use: process ${process.pid} (`);
  });

  test('are opened in the browser, and made for that where there is none', async () => {
    const browser = join(home.dir, 'browser');
    writeFileSync(browser, `#!/bin/sh\necho "$1" > ${browser}.asked\n`, { mode: 0o755 });
    const open = (...argv: string[]) => home.run(['open', ...argv], { env: { BROWSER: browser } });
    expect(await open(String(serverPorts.http))).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`Opening http://localhost:${hostPort(serverPorts.http)}/`),
    });
    await expect
      .poll(() => existsSync(`${browser}.asked`) && readFileSync(`${browser}.asked`, 'utf8'))
      .toBe(`http://localhost:${hostPort(serverPorts.http)}/\n`);
    expect((await open()).stderr).toContain('Several ports are forwarded');
  });

  test('on an address are there only', async () => {
    const [made] = await forward(`127.0.0.2:0:${count}`);
    const port = made?.hostPort ?? 0;
    expect(await talk(port, 'abc', '127.0.0.2')).toMatchObject({ text: '3 bytes' });
    at.delete(count);
    expect(await talk(port, 'abc', '127.0.0.1')).toMatchObject({ error: 'ECONNREFUSED' });
    await run('forward', '--remove', String(port));
    expect(await talk(port, 'abc', '127.0.0.2')).toMatchObject({ error: 'ECONNREFUSED' });
  });

  test('in the foreground end with Ctrl-C', async () => {
    const running = home.start(['forward', `0:${closes}`]);
    await running.says(`is port ${closes} of`);
    const held = JSON.parse(await run('port', '--json')) as ForwardJson[];
    const mine = held.filter(({ guestPort }) => guestPort === closes).at(-1)?.hostPort ?? 0;
    expect(await talk(mine, '')).toMatchObject({ text: 'bye' });
    running.kill('SIGINT');
    expect((await running.done).status).toBe(0);
    await expect.poll(() => talk(mine, '')).toMatchObject({ error: 'ECONNREFUSED' });
    expect(await talk(hostPort(closes), '')).toMatchObject({ text: 'bye' });
  });
});

describe('the companion', () => {
  test('is one process, of bounded memory, also with a guest that sends what nobody reads', async () => {
    const sockets = Array.from({ length: 50 }, () => {
      const socket = connect({ port: hostPort(source), host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.write('100000000\n');
      return socket;
    });
    // Something arrives at each, and nobody reads on.
    await Promise.all(
      sockets.map((socket) => new Promise<void>((resolve) => socket.once('readable', () => resolve()))),
    );
    const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${companionPid()}/status`, 'utf8'))?.[1];
    expect(Number(rss)).toBeLessThan(160_000);
    for (const socket of sockets) socket.destroy();
    expect(await talk(hostPort(echo), 'still here')).toMatchObject({ text: 'still here' });
  });

  test('that is killed in the middle of a download is replaced by the next command, and its ports with it', async () => {
    const before = companionPid();
    // As much is under way as the companion ever lets the guest send.
    const others = Array.from({ length: 50 }, () => talk(hostPort(source), '500000000\n'));
    const download = talk(hostPort(source), '500000000\n');
    await delay(500);
    process.kill(before, 'SIGKILL');
    expect((await download).error ?? 'ended').toMatch(/ECONNRESET|ended/);
    expect((await download).bytes).toBeLessThan(500_000_000);
    await Promise.all(others);
    const next = await home.exec('true');
    expect(next, next.stderr).toMatchObject({ status: 0 });
    await expect.poll(() => talk(hostPort(echo), 'again')).toMatchObject({ text: 'again' });
    expect(companionPid()).not.toBe(before);
  });

  test('ends with the VM: connections end, and its ports are free', async () => {
    const pid = companionPid();
    const ports = [...at.values()];
    const open = talk(hostPort(deaf), 'x');
    await run('dev', 'down');
    expect(await open).toMatchObject({ error: 'ECONNRESET' });
    for (const port of ports) expect(await talk(port, '')).toMatchObject({ error: 'ECONNREFUSED' });
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

describe('dev up -p', () => {
  // What was forwarded by hand belongs to the VM.
  beforeAll(() => run('rm', '--force', 'project'));

  test('is refused before the VM starts where the port is taken', async () => {
    const { port, server } = await free();
    const result = await home.run(['dev', 'up', '-d', '-p', `${port}:${echo}`]);
    server.close();
    expect(result.status).toBe(1);
    expect(result.stderr).toContain(`process ${process.pid} (`);
    expect(home.qemus()).toEqual([]);
  });

  test('and [ports] forward together; a VM whose process is killed frees them', async () => {
    const [one, two] = [await free(), await free()];
    one.server.close();
    two.server.close();
    writeFileSync(join(home.project, 'mvm.toml'), `[ports]\nforward = [ "${two.port}:${count}" ]\n`);
    const vm = (await home.up('-p', `${one.port}:${echo}`)) as unknown as {
      pid: number;
      ports: ForwardJson[];
    };
    expect(vm.ports.map(({ hostPort: port }) => port)).toEqual([one.port, two.port]);
    const pid = companionPid();
    execFileSync('kill', ['-9', String(vm.pid)]);
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(await talk(one.port, '')).toMatchObject({ error: 'ECONNREFUSED' });
  });
});
