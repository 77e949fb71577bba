import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { basename, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { takeUdp } from './datagrams.ts';
import type { Forward } from './forward.ts';
import { holderOf } from './holder.ts';
import { type Listening, listen, takeTcp } from './listen.ts';

const open: Pick<Server, 'close'>[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const forward = (hostPort: number, more: Partial<Forward> = {}): Forward => ({
  address: '127.0.0.1',
  hostPort,
  guestPort: 80,
  protocol: 'tcp',
  reverse: false,
  by: 'flag',
  nearby: false,
  ...more,
});

/** A port that this process has. */
async function taken(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as { port: number }).port;
}

async function listening(wanted: Forward): Promise<Listening> {
  const take = wanted.protocol === 'udp' ? takeUdp(() => {}) : takeTcp((socket) => socket.destroy());
  const made = await listen(wanted, take);
  open.push(...made.listeners.map(({ close }) => ({ close: close as Server['close'] })));
  return made;
}

test('any port that is free, the same on both loopbacks', async () => {
  const { forward: made, listeners } = await listening(forward(0, { address: 'localhost' }));
  expect(made.hostPort).toBeGreaterThan(0);
  expect(listeners.map(({ port }) => port)).toEqual(listeners.map(() => made.hostPort));
});

test.runIf(process.platform === 'linux')(
  'a UDP port in use names who has it, and TCP is another',
  async () => {
    const { forward: made } = await listening(forward(0, { protocol: 'udp' }));
    await expect(listening(forward(made.hostPort, { protocol: 'udp' }))).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining(`process ${process.pid} (`),
    });
    await listening(forward(made.hostPort));
  },
);

test.runIf(process.platform === 'linux')('a port in use is an error that names who has it', async () => {
  const port = await taken();
  expect(holderOf(port)).toEqual({ pid: process.pid, program: basename(process.execPath) });
  await expect(listening(forward(port))).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(`127.0.0.1:${port} of this host is in use: process ${process.pid} (`),
    hint: expect.stringContaining('mvmctl forward 0:80'),
  });
});

test.runIf(process.platform === 'linux')('a port that is forwarded to a VM names the VM', async () => {
  const program = join(temporaryFolder('mvm-listen-'), 'companion.cjs');
  writeFileSync(
    program,
    "const s = require('net').createServer(); s.listen(0, '127.0.0.1', () => console.log(s.address().port));",
  );
  const companion = spawn(process.execPath, ['--jitless', program, '/state/vms/demo']);
  try {
    const [text] = await once(companion.stdout, 'data');
    const port = Number(text);
    await expect(listening(forward(port))).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port 127.0.0.1:${port} of this host is in use: it is forwarded to the VM 'demo'.`,
      hint: expect.stringContaining(`mvmctl forward demo --remove ${port}`),
    });
  } finally {
    companion.kill();
  }
});

test('of both loopbacks both or none', async () => {
  const port = await taken('::1');
  await expect(listening(forward(port, { address: 'localhost' }))).rejects.toMatchObject({
    code: 'PORT_TAKEN',
  });
  expect((await listening(forward(port))).forward.hostPort).toBe(port);
});

test('where a neighbour serves, it does', async () => {
  const port = await taken();
  const { forward: made } = await listening(forward(port, { nearby: true }));
  expect(made.hostPort).toBeGreaterThan(port);
  expect(made.hostPort).toBeLessThanOrEqual(port + 50);
});

test('an address that this host has not is told as that', async () => {
  await expect(listening(forward(0, { address: '192.0.2.1' }))).rejects.toMatchObject({
    code: 'PORT_REFUSED',
    message: expect.stringContaining('no such address'),
  });
});
