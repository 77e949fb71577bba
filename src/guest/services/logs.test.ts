import { afterEach, describe, expect, it } from 'vitest';
import { type FakeGuest, fakeGuest } from '../../../test/fakes/guest.ts';
import { frameTypes } from '../../protocol/frame.ts';
import { createLogReader, type LogEntry } from './log-entries.ts';
import { type LogQuery, readLogs } from './logs.ts';

let guest: FakeGuest;
afterEach(() => guest?.close());

const time = '2026-11-24T19:07:26.123Z';
const line = (text: string | Buffer, head = `${time} redis out `) =>
  Buffer.concat([Buffer.from(head), Buffer.from(text as string), Buffer.from('\n')]);

describe('readLogs', () => {
  const read = async (query: LogQuery) => {
    const got: string[] = [];
    const result = await readLogs(guest, query, (entries) => {
      for (const { stream, text } of entries) got.push(`${stream} ${text}`);
    });
    return { got, ...result };
  };

  it('asks for what is wanted and gives the lines, and how many are lost', async () => {
    guest = await fakeGuest(async (g) => {
      expect(g.open).toEqual({ op: 'logs', service: 'redis', follow: false, sinceUnixMs: 5, tail: 2 });
      await g.welcome();
      await g.started({});
      await g.data(1, Buffer.concat([line('one'), line('two', `${time} redis err `)]));
      await g.object(frameTypes.result, { dropped: 7 });
    });
    expect(await read({ service: 'redis', sinceUnixMs: 5, tail: 2 })).toEqual({
      got: ['out one', 'err two'],
      dropped: 7,
    });
    await guest.done();
  });

  it('follows until it is aborted or the VM ends', async () => {
    for (const last of ['abort', 'end']) {
      const controller = new AbortController();
      guest = await fakeGuest(async (g) => {
        expect(g.open).toEqual({ op: 'logs', follow: true });
        await g.welcome();
        await g.started({});
        await g.data(1, line('live'));
        if (last === 'end') g.socket.end();
      });
      const got: LogEntry[] = [];
      const reading = readLogs(guest, { follow: true, signal: controller.signal }, (entries) => {
        got.push(...entries);
        if (last === 'abort') controller.abort(new Error('enough'));
      });
      if (last === 'abort') await expect(reading).rejects.toThrow('enough');
      else await expect(reading).rejects.toMatchObject({ code: 'GUEST_LOST' });
      expect(got).toHaveLength(1);
      await guest.close();
    }
  });

  it('does not read on while the lines are written', async () => {
    guest = await fakeGuest(async (g) => {
      await g.welcome();
      await g.started({});
      for (let i = 0; i < 3; i++) await g.data(1, line('x'.repeat(8000)));
      await g.object(frameTypes.result, { dropped: 0 });
    });
    let busy = false;
    await readLogs(guest, {}, async () => {
      expect(busy).toBe(false);
      busy = true;
      await new Promise((resolve) => setImmediate(resolve));
      busy = false;
    });
  });

  it('turns an unknown service into SERVICE_NOT_FOUND', async () => {
    guest = await fakeGuest((g) =>
      g.welcome().then(() => g.object(frameTypes.error, { code: 'no_such_service', message: 'no' })),
    );
    await expect(read({ service: 'x' })).rejects.toMatchObject({ code: 'SERVICE_NOT_FOUND' });
  });
});

describe('createLogReader', () => {
  const noGap = () => expect.unreachable();

  it('tells of a gap where it is', () => {
    const gaps: unknown[] = [];
    const reader = createLogReader((...gap) => gaps.push(gap));
    expect(reader.feed(Buffer.concat([line('12', `${time} redis gap `), line('x')]))).toHaveLength(1);
    expect(gaps).toEqual([['redis', 12]]);
    for (const text of ['', '-1', '1'.repeat(16)])
      expect(() => reader.feed(line(text, `${time} redis gap `))).toThrow(/gap/);
  });

  it('finds the lines in pieces of any size, with their bytes as they are', () => {
    const odd = Buffer.from([0xff, 0x1b, 0x5b, 0x32, 0x4a, 0x0d]);
    const all = Buffer.concat([line(odd), line('', `${time} a.b-c_1 err `), line('', `${time} a out`)]);
    for (const size of [1, 7, all.length]) {
      const reader = createLogReader(noGap);
      const entries: LogEntry[] = [];
      for (let at = 0; at < all.length; at += size) entries.push(...reader.feed(all.subarray(at, at + size)));
      expect(reader.end()).toEqual([]);
      expect(entries).toEqual([
        { time, service: 'redis', stream: 'out', text: odd },
        { time, service: 'a.b-c_1', stream: 'err', text: Buffer.alloc(0) },
        { time, service: 'a', stream: 'out', text: Buffer.alloc(0) },
      ]);
    }
  });

  it('joins the pieces of a line, and gives what has no end yet at the end', () => {
    const reader = createLogReader(noGap);
    const later = time.replace(/.Z$/, '9Z');
    const pieces = [
      line('one, ', `${time} redis out+ `),
      line('another stream', `${time} redis err `),
      line('begun', `${time} web out+ `),
      line('two, ', `${later} redis out+ `),
      line('', `${later} redis out `),
      line('three', `${later} redis out `),
      line(', too', `${later} web out+ `),
    ];
    const entry = (service: string, stream: string, text: string, at = time) => ({
      time: at,
      service,
      stream,
      text: Buffer.from(text),
    });
    expect(reader.feed(Buffer.concat(pieces))).toEqual([
      entry('redis', 'err', 'another stream'),
      entry('redis', 'out', 'one, two, '),
      entry('redis', 'out', 'three', later),
    ]);
    expect(reader.end()).toEqual([entry('web', 'out', 'begun, too')]);
  });

  it('keeps a line of 1 MiB whole, and refuses one that never ends', () => {
    const piece = line('x'.repeat(8192), `${time} redis out+ `);
    const reader = createLogReader(noGap);
    for (let i = 0; i < 128; i++) expect(reader.feed(piece)).toEqual([]);
    const [entry] = reader.feed(line('end', `${time} redis out `));
    expect(entry?.text.length).toBe(2 ** 20 + 3);
    const endless = () => {
      for (let i = 0; i < 200; i++) reader.feed(piece);
    };
    expect(endless).toThrow(/too long/);
  });

  it('drops what has lost its end with a gap', () => {
    const reader = createLogReader(() => {});
    reader.feed(line('begun', `${time} redis out+ `));
    reader.feed(line('1', `${time} redis gap `));
    expect(reader.feed(line('next', `${time} redis out `))).toMatchObject([{ text: Buffer.from('next') }]);
    expect(reader.end()).toEqual([]);
  });

  it.each([
    ['no time', 'redis out x\n'],
    ['a name that drives the terminal', `${time} re\u001bdis out x\n`],
    ['no stream', `${time} redis in x\n`],
    ['a line without end', `${time} redis out ${'x'.repeat(10_000)}`],
  ])('refuses %s', (_, text) => {
    expect(() => createLogReader(noGap).feed(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'GUEST_PROTOCOL' }),
    );
  });

  it('refuses a log that ends in the middle of a line', () => {
    const reader = createLogReader(noGap);
    reader.feed(Buffer.from(`${time} redis`));
    expect(() => reader.end()).toThrow(/middle/);
  });
});
