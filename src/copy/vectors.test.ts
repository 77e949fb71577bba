import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MvmError } from '../errors/mvm-error.ts';
import { TreeDecoder, type TreeHandler } from './decode.ts';
import {
  encodeData,
  encodeDone,
  encodeEnd,
  encodeFile,
  encodeFolder,
  encodeHole,
  encodeLink,
  encodeSymlink,
  type Meta,
} from './records.ts';

interface Vector {
  name: string;
  bytes: string;
  records: string[];
  reason: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../protocol/vectors/trees.json', import.meta.url), 'utf8'),
) as Vector[];

const metaText = ({ mode, seconds, nanoseconds }: Meta) =>
  `${mode === undefined ? '-' : mode.toString(8)} ${mode === undefined ? 0 : seconds} ${nanoseconds}`;

/** Writes down what it gets, and encodes it again. */
function spoken() {
  const records: string[] = [];
  const encoded: Buffer[] = [];
  const say = (text: string, bytes?: Buffer) => {
    records.push(text.trimEnd());
    if (bytes !== undefined) encoded.push(bytes);
  };
  const hex = (bytes: Buffer) => bytes.toString('hex');
  const handler: TreeHandler = {
    folder: (meta, name) => say(`folder ${metaText(meta)} ${hex(name)}`, encodeFolder(meta, name)),
    file: (meta, size, link, name) =>
      say(`file ${metaText(meta)} ${size} ${link} ${hex(name)}`, encodeFile(meta, size, link, name)),
    symlink: (meta, name, target) =>
      say(`symlink ${metaText(meta)} ${hex(name)} ${hex(target)}`, encodeSymlink(meta, target, name)),
    link: (link, name) => say(`link ${link} ${hex(name)}`, encodeLink(link, name)),
    data(bytes) {
      if (records.at(-1)?.startsWith('data ')) records.push(`${records.pop()}${hex(bytes)}`);
      else say(`data ${hex(bytes)}`);
      encoded.push(encodeData(bytes));
    },
    hole: (length) => say(`hole ${length}`, encodeHole(length)),
    end: () => say('end', encodeEnd()),
    skipped: (why, path) =>
      say(`skipped ${{ 'a FIFO': 'p', 'a socket': 's', 'a device': 'd' }[why]} ${hex(path)}`),
    done: () => say('done', encodeDone()),
  };
  return { records, encoded, decoder: new TreeDecoder(handler) };
}

function read(raw: Buffer, size: number) {
  const { records, encoded, decoder } = spoken();
  let reason = '';
  try {
    for (let at = 0; at < raw.length; at += size) decoder.push(raw.subarray(at, at + size));
  } catch (error) {
    expect(error).toBeInstanceOf(MvmError);
    expect(error).toMatchObject({ code: 'TREE_REFUSED' });
    reason = (error as MvmError).details[0]?.split(':')[0] ?? '';
  }
  return { records, reason, encoded: Buffer.concat(encoded) };
}

test('there are vectors', () => expect(vectors.length).toBeGreaterThan(40));

test.each(vectors)('$name is read as it says', ({ bytes, records, reason }) => {
  const raw = Buffer.from(bytes, 'hex');
  const wanted = records.map((record) => record.trimEnd());
  for (const size of [raw.length, 1, 7]) expect(read(raw, size)).toMatchObject({ records: wanted, reason });
  const isWhole = reason === '' && !records.some((record) => record.startsWith('skipped'));
  if (isWhole) expect(read(raw, raw.length).encoded.toString('hex')).toBe(bytes);
});

test('random and mutated bytes end the reading, and nothing else', () => {
  let state = 1;
  const random = (n: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
  const whole = vectors.filter(({ reason }) => reason === '').map(({ bytes }) => Buffer.from(bytes, 'hex'));
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const raw = Buffer.from(whole[random(whole.length)] ?? []);
    for (let changes = random(4); changes > 0; changes--) raw[random(raw.length)] = random(256);
    if (read(raw, 1 + random(40)).reason !== '') refused++;
  }
  expect(refused).toBeGreaterThan(2000);
  expect(refused).toBeLessThan(19_000);
});
