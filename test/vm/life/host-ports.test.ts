import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { datagramPort, portServer, startServerScript } from '../port-server.ts';
import { free } from '../port-talk.ts';
import { makeVmHome, type VmHome } from '../vm-home.ts';

let home: VmHome;
beforeAll(async () => {
  home = makeVmHome();
  await home.up();
});
afterAll(() => home?.destroy());

interface ForwardJson {
  hostPort: number;
  guestPort: number;
  protocol: string;
  reverse: boolean;
  by: string;
}

async function run(...argv: string[]): Promise<string> {
  const result = await home.run(argv);
  expect(result, result.stderr).toMatchObject({ status: 0 });
  return result.stdout;
}

const shown = async () => JSON.parse(await run('port', '--json')) as ForwardJson[];
/** Those that somebody asked for. */
const asked = async () => (await shown()).filter(({ by }) => by !== 'guest');

/** A program of this host that answers each line with who it is. */
async function program(words: string) {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => socket.end(`${words}: ${bytes}`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, end: () => server.close() };
}

/** What a program of the guest gets of a port of its loopback. */
const ask = (port: number, host = '127.0.0.1') =>
  home.exec('sh', '-c', `echo question | nc -w 5 ${host} ${port}`);

test('a port of the host is seen on both loopbacks of the guest, and no other is', async () => {
  const [wanted, other] = [await program('wanted'), await program('other')];
  const guestPort = 15_432;
  expect((await ask(wanted.port)).stdout).toBe('');
  const running = home.start(['forward', '--reverse', `${wanted.port}:${guestPort}`]);
  await running.says(`localhost:${guestPort} in project is port ${wanted.port} of this host`);
  for (const host of ['127.0.0.1', '::1'])
    expect((await ask(guestPort, host)).stdout).toBe('wanted: question\n');
  expect((await ask(other.port)).stdout).toBe('');
  // What listens for it in the guest is not forwarded back.
  expect(await shown()).toMatchObject([{ hostPort: wanted.port, guestPort, reverse: true }]);
  wanted.end();
  expect((await ask(guestPort)).stdout).toBe('');
  running.kill('SIGINT');
  expect((await running.done).status).toBe(0);
  expect(await shown()).toEqual([]);
  other.end();
});

test('a port that a program of the guest has is told with its name', async () => {
  const port = 15_433;
  const program = home.start(['exec', '--', 'httpd', '-f', '-p', `127.0.0.1:${port}`]);
  await expect.poll(async () => (await home.exec('netstat', '-ltn')).stdout).toContain(`:${port} `);
  const result = await home.run(['forward', '-d', '--reverse', String(port)]);
  expect(result.status).toBe(1);
  expect(result.stderr).toMatch(new RegExp(`Port ${port} of the VM is in use: \\w+ \\(\\d+\\) listens`));
  program.kill('SIGTERM');
  await program.done;
});

test('datagrams are forwarded to a server and back, for several peers at once', async () => {
  const port = datagramPort;
  const started = await home.run(['exec', '-i', '--', 'sh', '-c', startServerScript], {
    input: portServer(),
  });
  expect(started, started.stderr).toMatchObject({ status: 0 });
  const [made] = JSON.parse(await run('forward', '-d', '--json', `0:${port}/udp`)) as ForwardJson[];
  expect(made).toMatchObject({ guestPort: port, protocol: 'udp' });
  const lookUp = (name: string) =>
    new Promise<string>((resolve) => {
      const socket = createSocket('udp4');
      // Lost ones are asked for again, as resolvers do.
      const again = setInterval(() => socket.send(name, made?.hostPort ?? 0, '127.0.0.1'), 3000);
      socket.on('message', (bytes) => {
        clearInterval(again);
        socket.close();
        resolve(bytes.toString());
      });
      socket.send(name, made?.hostPort ?? 0, '127.0.0.1');
    });
  expect(await Promise.all(['one', 'two', 'three'].map(lookUp))).toEqual([
    'answer: one',
    'answer: two',
    'answer: three',
  ]);
  expect(await run('port')).toContain(`${port}/udp`);
  expect(await run('ls')).toContain(`:${port}/udp`);
  await home.exec('killall', 'port-server');
  await run('forward', '--remove', `${made?.hostPort}/udp`);
  expect((await shown()).filter(({ protocol }) => protocol === 'udp')).toEqual([]);
});

test('what was forwarded by hand belongs to the VM until it is removed, also where it can’t be made once', async () => {
  const database = await program('database');
  const [byFlag, byHand] = [await free(), await free()];
  for (const { server } of [byFlag, byHand]) server.close();
  await run('dev', 'up', '-d', '-p', `${byFlag.port}:80`);
  await run('forward', '-d', `${byHand.port}:81`);
  await run('forward', '-d', '--reverse', `${database.port}:15434`);
  const ports = async () => (await asked()).map(({ hostPort, by }) => [hostPort, by]);
  const all = [
    [byFlag.port, 'flag'],
    [byHand.port, 'forward'],
    [database.port, 'forward'],
  ];
  expect(await ports()).toEqual(all);
  await run('dev', 'down');
  expect(await ports()).toEqual(all);
  await home.up();
  expect(await ports()).toEqual(all);
  expect((await ask(15_434)).stdout).toBe('database: question\n');

  await run('dev', 'down');
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(byHand.port, '127.0.0.1', resolve));
  const up = await home.run(['dev', 'up', '-d']);
  taken.close();
  expect(up).toMatchObject({ status: 0 });
  expect(up.stderr).toContain('It is not forwarded this time. To do without it: mvmctl forward --remove');
  expect(await ports()).toEqual([all[0], all[2]]);
  await run('forward', '--remove', String(byHand.port));
  await run('dev', 'down');
  // Nor does it take a start to be rid of one.
  await run('forward', '--remove', String(byFlag.port));
  expect(await ports()).toEqual([all[2]]);

  writeFileSync(join(home.project, 'mvm.toml'), `[ports]\nhost = [ "${database.port}:15435" ]\n`);
  await home.up();
  expect(await ports()).toEqual([
    [database.port, 'mvm.toml'],
    [database.port, 'forward'],
  ]);
  expect((await ask(15_435)).stdout).toBe('database: question\n');
  database.end();
});
