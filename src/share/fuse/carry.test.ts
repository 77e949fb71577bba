import { expect, test } from 'vitest';
import { frameTypes } from '../../protocol/frame.ts';
import { play } from '../../streams/session.fixture.ts';
import { carryShare } from './carry.ts';
import { opcodes, requestHeader } from './layout.ts';

const { streamData, streamReset, streamWindow } = frameTypes;

function message(opcode: number, length = requestHeader): Buffer {
  const bytes = Buffer.alloc(length, opcode & 0xff);
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt32LE(opcode, 4);
  return bytes;
}

function carried(answer: (message: Buffer) => Buffer[] = () => []) {
  const played = play();
  const taken: Buffer[] = [];
  let isClosed = false;
  const share = carryShare(played.session, { to: 'share' }, (send) => ({
    take(bytes) {
      taken.push(Buffer.from(bytes));
      for (const one of answer(bytes)) send(one);
    },
    close() {
      isClosed = true;
    },
  }));
  return { played, taken, share, isClosed: () => isClosed };
}

test('messages are put together however they are cut', async () => {
  const all = [message(3), message(16, 5000), message(1, 41), message(3)];
  const bytes = Buffer.concat(all);
  for (const size of [1, 3, 39, 41, 4096, bytes.length]) {
    const { played, taken } = carried();
    for (let at = 0; at < bytes.length; at += size) {
      played.guest(streamData, 1, bytes.subarray(at, at + size));
      await Promise.resolve();
    }
    expect(Buffer.concat(taken).equals(bytes)).toBe(true);
    expect(taken).toHaveLength(4);
  }
});

test.each([
  0, 39, 1_052_673, 0xffff_ffff,
])('a length of %s ends the stream, and the server with it', async (length) => {
  const { played, share, isClosed } = carried();
  const bytes = message(3);
  bytes.writeUInt32LE(length, 0);
  played.guest(streamData, 1, bytes);
  expect(await share.over).toBe('broken');
  expect(isClosed()).toBe(true);
  expect(played.sent.some(({ type }) => type === streamReset)).toBe(true);
});

test('what is told unasked is sent without a question', async () => {
  const played = play();
  let tell = (_: Buffer): void => {};
  carryShare(played.session, { to: 'share' }, (send) => {
    tell = send;
    return { take() {}, close() {} };
  });
  tell(Buffer.alloc(24, 7));
  await Promise.resolve();
  expect(played.sent.filter(({ type }) => type === streamData)).toHaveLength(1);
});

test('a guest that asks and does not read its answers is asked for no more', async () => {
  const { played } = carried(() => [Buffer.alloc(2 ** 20)]);
  let granted = 32_768;
  for (let seen = 0, idle = 0; idle < 5; idle++) {
    for (; granted >= requestHeader; granted -= requestHeader) played.guest(streamData, 1, message(15));
    await new Promise((resolve) => setImmediate(resolve));
    const windows = played.sent.slice(seen).filter(({ type }) => type === streamWindow);
    seen = played.sent.length;
    for (const { payload } of windows) granted += payload.readUInt32BE();
  }
  expect(granted).toBeLessThan(requestHeader);
});

test('a share is ready when the guest says so, and a refusal is the reason', async () => {
  const first = carried();
  first.played.guest(streamData, 1, message(opcodes.ready));
  await first.share.ready;
  const second = carried();
  second.played.guest(
    streamData,
    1,
    Buffer.concat([
      message(opcodes.failed, requestHeader + 4).subarray(0, requestHeader),
      Buffer.from('busy'),
    ]),
  );
  await expect(second.share.ready).rejects.toThrow('failed: busy');
});
