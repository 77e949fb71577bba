import { expect, test } from 'vitest';
import { frameTypes } from '../protocol/frame.ts';
import { play } from '../streams/session.fixture.ts';
import { createPeers, type Sender } from './datagrams.ts';

const { streamData, streamOpen, streamReset } = frameTypes;

function peers() {
  const played = play();
  const all = createPeers(
    53,
    async () => played.session,
    () => {},
  );
  const answers: string[] = [];
  const from = (key: string): Sender => ({ key, answer: (bytes) => answers.push(`${key}: ${bytes}`) });
  const sentTo = (id: number) =>
    Buffer.concat(
      played.sent.filter((one) => one.id === id && one.type === streamData).map(({ payload }) => payload),
    ).toString('latin1');
  return { ...played, all, answers, from, sentTo };
}

test('each peer has a stream, and answers find back whole, however they come in pieces', async () => {
  const { all, from, guest, answers, sent, sentTo } = peers();
  all.datagram(Buffer.from('one'), from('a'));
  all.datagram(Buffer.from('two'), from('a')); // before there is a stream
  all.datagram(Buffer.from(''), from('b'));
  await expect.poll(() => sent.filter(({ type }) => type === streamOpen)).toHaveLength(2);
  expect([sentTo(1), sentTo(3)]).toEqual(['\0\x03one\0\x03two', '\0\0']);
  guest(streamData, 1, '\0\x05answ');
  guest(streamData, 3, '\0\0\0\x01b');
  guest(streamData, 1, 'e');
  expect(answers).toEqual(['b: ', 'b: b', 'a: answe']);
});

test('a guest that does not read loses datagrams, and gets those that it gets whole', async () => {
  const { all, from, sentTo, guest } = peers();
  const large = Buffer.alloc(20_000, 'x');
  for (let i = 0; i < 5; i++) all.datagram(large, from('a'));
  await expect.poll(() => sentTo(1).length).toBe(32_768);
  const window = Buffer.alloc(4);
  window.writeUInt32BE(100_000);
  guest(frameTypes.streamWindow, 1, window);
  expect(sentTo(1).length).toBe(2 * 20_002);
  all.datagram(Buffer.from('again'), from('a'));
  expect(sentTo(1).slice(-7)).toBe('\0\x05again');
});

test('there are only so many peers: the one that was silent the longest is forgotten', async () => {
  const { all, from, sent } = peers();
  for (let i = 0; i < 128; i++) all.datagram(Buffer.from('x'), from(String(i)));
  await expect.poll(() => sent.filter(({ type }) => type === streamOpen)).toHaveLength(128);
  all.datagram(Buffer.from('x'), from('0'));
  all.datagram(Buffer.from('x'), from('128'));
  expect(all.count).toBe(128);
  await expect.poll(() => sent.filter(({ type }) => type === streamReset).map(({ id }) => id)).toEqual([3]);
  all.end();
  expect(all.count).toBe(0);
});

test('a peer whose port nobody has is forgotten, and may ask again', async () => {
  const { all, from, guest, sent } = peers();
  all.datagram(Buffer.from('x'), from('a'));
  await expect.poll(() => sent.filter(({ type }) => type === streamOpen)).toHaveLength(1);
  guest(streamReset, 1, 'refused');
  all.datagram(Buffer.from('x'), from('a'));
  await expect.poll(() => sent.filter(({ type }) => type === streamOpen)).toHaveLength(2);
});
