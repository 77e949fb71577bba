import { connect, createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { frameTypes } from '../protocol/frame.ts';
import { joinSocket } from './join.ts';
import { type Played, play } from './session.fixture.ts';
import { firstWindow } from './window.ts';

const { streamData, streamEnd, streamReset, streamWindow } = frameTypes;
const opened: Socket[] = [];
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});

/** A program of the host that is connected to a guest, which the test plays. */
async function joined(played: Played): Promise<{ program: Socket; reasons: string[] }> {
  const reasons: string[] = [];
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    opened.push(socket);
    server.close();
    joinSocket(
      socket,
      (user) => played.session.open({}, user),
      (code) => reasons.push(code),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const program = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  opened.push(program);
  program.on('error', () => {});
  await expect.poll(() => played.session.count + reasons.length).toBeGreaterThan(0);
  return { program, reasons };
}

const sentBytes = ({ sent }: Played): string =>
  Buffer.concat(sent.filter(({ type }) => type === streamData).map(({ payload }) => payload)).toString(
    'latin1',
  );
const has = ({ sent }: Played, wanted: number): boolean => sent.some(({ type }) => type === wanted);

test('each direction ends in its own time', async () => {
  const played = play();
  const { program } = await joined(played);
  let got = '';
  program.on('data', (chunk: Buffer) => {
    got += chunk.toString();
  });
  const ended = new Promise((resolve) => program.once('end', resolve));
  program.end('question');
  await expect.poll(() => has(played, streamEnd)).toBe(true);
  expect(sentBytes(played)).toBe('question');
  for (const piece of ['an', 's', 'wer']) played.guest(streamData, 1, piece);
  played.guest(streamEnd, 1);
  await ended;
  expect(got).toBe('answer');
  await expect.poll(() => played.session.count).toBe(0);
  expect(has(played, streamReset)).toBe(false);
});

test('a program that does not read is granted no more than its window, and then gets all', async () => {
  const played = play();
  const { program } = await joined(played);
  program.pause();
  let granted = firstWindow;
  let seen = 0;
  let given = 0;
  /** As much as it lets the guest send, until it lets it send nothing. */
  const flood = async (): Promise<void> => {
    for (let idle = 0; idle < 20; ) {
      for (const { type, payload } of played.sent.slice(seen))
        if (type === streamWindow) granted += payload.readUInt32BE();
      seen = played.sent.length;
      if (granted > 0) idle = 0;
      else idle++;
      for (; granted > 0; granted -= Math.min(granted, 1000)) {
        const n = Math.min(granted, 1000);
        played.guest(streamData, 1, Buffer.alloc(n, 1));
        given += n;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await flood();
  // What the kernel's buffers hold, and a window.
  expect(given).toBeLessThan(16 * 2 ** 20);
  let got = 0;
  const all = given;
  program.on('data', (chunk: Buffer) => {
    got += chunk.length;
  });
  program.resume();
  await expect.poll(() => got).toBe(all);
});

test('a guest that does not read stops the program’s sending, and nothing is lost', async () => {
  const played = play();
  const { program } = await joined(played);
  const bytes = 'x'.repeat(3 * firstWindow);
  program.end(bytes);
  await expect.poll(() => sentBytes(played).length).toBe(firstWindow);
  expect(has(played, streamEnd)).toBe(false);
  played.guest(streamWindow, 1, Buffer.from([0, 2, 0, 0]));
  await expect.poll(() => has(played, streamEnd)).toBe(true);
  expect(sentBytes(played)).toBe(bytes);
});

test.each([
  ['the guest’s', (played: Played) => played.guest(streamReset, 1, 'refused'), 'refused'],
  ['the session’s', (played: Played) => played.session.end(), 'lost'],
])('%s reset is one for the program', async (_, reset, reason) => {
  const played = play();
  const { program, reasons } = await joined(played);
  const error = new Promise<NodeJS.ErrnoException>((resolve) => program.once('error', resolve));
  reset(played);
  program.resume();
  expect((await error).code).toBe('ECONNRESET');
  expect(reasons).toEqual([reason]);
});

test('a program’s reset is one for the guest', async () => {
  const played = play();
  const { program } = await joined(played);
  program.resetAndDestroy();
  await expect.poll(() => has(played, streamReset)).toBe(true);
  expect(played.session.count).toBe(0);
});

test('where no stream can be opened the program is reset', async () => {
  const { program, reasons } = await joined(play(0));
  program.resume();
  expect(reasons).toEqual(['busy']);
  await expect.poll(() => program.destroyed).toBe(true);
});
