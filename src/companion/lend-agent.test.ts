import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { frameTypes } from '../protocol/frame.ts';
import { temporaryFolder } from '../state/temporary-folder.fixture.ts';
import { type Played, play } from '../streams/session.fixture.ts';
import { lendAgent } from './lend-agent.ts';

const { streamOpen, streamData, streamReset } = frameTypes;

/** An agent of this host that answers in capitals, lent to a guest that the test plays. */
async function lent(): Promise<{ played: Played; begun: Promise<void>; over: AbortController }> {
  const socket = join(temporaryFolder('mvm-lend-'), 'agent');
  const server = createServer((program) => {
    program.on('error', () => {});
    program.on('data', (bytes) => program.write(bytes.toString().toUpperCase()));
  });
  await new Promise<void>((resolve) => server.listen({ path: socket }, resolve));
  server.unref();
  const played = play();
  const over = new AbortController();
  const begun = lendAgent(async () => played.session, { socket, user: 'root' }, over.signal);
  begun.catch(() => {});
  await expect.poll(() => opened(played)).toEqual([1, 3, 5, 7]);
  return { played, begun, over };
}

const opened = ({ sent }: Played) => sent.filter(({ type }) => type === streamOpen).map(({ id }) => id);
const said = ({ sent }: Played, of: number) =>
  Buffer.concat(
    sent.filter(({ type, id }) => type === streamData && id === of).map(({ payload }) => payload),
  );

test('each program of the guest is connected to the agent, and another stream waits in its place', async () => {
  const { played, begun, over } = await lent();
  played.guest(streamData, 3, '\0');
  await begun;
  // What it is told may come in one piece with the program's first bytes.
  played.guest(streamData, 3, '\x01question');
  await expect.poll(() => said(played, 3).toString()).toBe('QUESTION');
  expect(opened(played)).toEqual([1, 3, 5, 7, 9]);
  played.guest(streamData, 1, '\0\x01second');
  await expect.poll(() => said(played, 1).toString()).toBe('SECOND');
  over.abort();
  await expect.poll(() => played.session.count).toBe(0);
});

test('a guest that says what makes no sense gets nothing of the agent', async () => {
  for (const words of ['\x01', '\0\0', 'question']) {
    const { played, begun } = await lent();
    played.guest(streamData, 5, words);
    if (words === '\0\0') await begun;
    else await expect(begun).rejects.toThrow('bad_request');
    expect(played.session.count).toBe(0);
    expect(said(played, 5)).toHaveLength(0);
  }
});

test('a guest whose agent knows nothing of this is told as that', async () => {
  const { played, begun } = await lent();
  played.guest(streamReset, 1, 'bad_request');
  await expect(begun).rejects.toThrow('bad_request');
});
