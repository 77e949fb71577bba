import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { frameTypes } from '../protocol/frame.ts';
import { play } from '../streams/session.fixture.ts';
import type { Forward } from './forward.ts';
import { type Reverse, startReverse } from './reverse.ts';

const { streamData, streamEnd, streamOpen, streamReset } = frameTypes;
let running: Reverse | undefined;
const servers: Server[] = [];
afterEach(() => {
  running?.end();
  for (const server of servers.splice(0)) server.close();
});

/** A program of this host, and who has connected to it. */
async function program(): Promise<{ port: number; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as { port: number }).port, sockets };
}

function reversed(hostPort: number) {
  const played = play();
  const told: string[] = [];
  const forward: Forward = {
    ...{ address: 'localhost', hostPort, guestPort: 5432, protocol: 'tcp', reverse: true },
    ...{ by: 'forward', nearby: false },
  };
  running = startReverse(
    forward,
    async () => played.session,
    (text) => told.push(text),
  );
  const opened = () =>
    played.sent
      .filter(({ type }) => type === streamOpen)
      .map(({ payload }) => JSON.parse(payload.toString()));
  return { ...played, reverse: running, told, opened };
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;

test('a connection of the guest goes to the port that was declared, whatever the guest names', async () => {
  const { port, sockets } = await program();
  const { guest, reverse, opened, sent } = reversed(port);
  await expect.poll(opened).toEqual([{ to: 'listen', port: 5432 }]);
  guest(streamData, 1, line({ listening: true }));
  await reverse.listening;
  guest(streamData, 1, line({ connection: 7, port: 22, hostPort: 22, address: '192.0.2.1' }));
  await expect.poll(opened).toContainEqual({ to: 'connection', connection: 7 });
  expect(sockets).toHaveLength(1);
  guest(streamData, 3, 'question');
  await new Promise<void>((resolve) => sockets[0]?.once('data', () => resolve()));
  sockets[0]?.end('answer');
  await expect.poll(() => sent.some(({ id, type }) => id === 3 && type === streamEnd)).toBe(true);
  expect(sent.find(({ id, type }) => id === 3 && type === streamData)?.payload.toString()).toBe('answer');
});

test('a guest that opens without end is told to wait, in bounded memory', async () => {
  const { port } = await program();
  const { guest, reverse, opened } = reversed(port);
  await expect.poll(opened).toHaveLength(1);
  guest(streamData, 1, line({ listening: true }));
  await reverse.listening;
  const one = line({ connection: 1 });
  const many = one.repeat(Math.floor(30_000 / one.length));
  // Not more than so many are on their way, and the guest may not send more than the largest window.
  let bytes = 0;
  const flood = () => {
    for (; bytes < 2 ** 20; bytes += many.length) guest(streamData, 1, many);
  };
  expect(flood).toThrow(/were granted/);
  expect(bytes).toBeLessThan(600_000);
  expect(opened().length).toBeLessThanOrEqual(65);
});

test('a port of this host that nobody has resets the guest’s connection, and is told', async () => {
  const { port } = await program();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  const { guest, opened, sent, told } = reversed(port);
  await expect.poll(opened).toHaveLength(1);
  guest(streamData, 1, line({ connection: 1 }));
  await expect.poll(() => sent.some(({ id, type }) => id === 3 && type === streamReset)).toBe(true);
  expect(told.join()).toContain(`port ${port} of this host: refused`);
});

test.each([
  ['in use', line({ error: 'in_use', holder: 'postgres (412)' }), 'PORT_TAKEN', 'postgres (412) listens'],
  ['not allowed', line({ error: 'permission denied' }), 'PORT_REFUSED', 'permission denied'],
])('a port of the guest that is %s is told by name', async (_, text, code, words) => {
  const { guest, reverse, opened } = reversed(1);
  await expect.poll(opened).toHaveLength(1);
  guest(streamData, 1, text);
  await expect(reverse.listening).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
});

test.each([
  ['no JSON', 'x\n'],
  ['an endless line', 'x'.repeat(20_000)],
  ['a wrong field', line({ connection: -1 })],
])('a guest that writes %s loses the stream, and is asked again', async (_, text) => {
  const { guest, opened, told } = reversed(1);
  await expect.poll(opened).toHaveLength(1);
  guest(streamData, 1, text);
  await expect.poll(() => told.length).toBeGreaterThan(0);
  await expect.poll(opened, { timeout: 5000 }).toHaveLength(2);
});
