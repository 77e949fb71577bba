import { describe, expect, it } from 'vitest';
import { frameTypes } from './frame.ts';
import { type GuestMessage, parseGuestFrame } from './guest-messages.ts';
import type { Op, OpenMessage } from './host-messages.ts';
import { createOrder } from './order.ts';

const parse = (type: number, text: string | Buffer, op: Op = 'exec'): GuestMessage =>
  parseGuestFrame({ type, stream: 0, payload: Buffer.from(text as string) }, op);

describe('parseGuestFrame', () => {
  it.each([
    ['no object', '[1]'],
    ['no JSON', '{"status":'],
    ['wrong UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['a status that is no status', '{"status":1000}'],
    ['a status that is text', '{"status":"0"}'],
    ['a signal with control characters', '{"status":1,"signal":"\\u001b[2J"}'],
    ['deep nesting', `{"status":0,"x":${'['.repeat(50)}${']'.repeat(50)}}`],
    ['too much', `{"status":0,"x":"${'y'.repeat(70_000)}"}`],
  ])('refuses an EXIT with %s', (_, text) => {
    expect(() => parse(frameTypes.exit, text)).toThrow(expect.objectContaining({ code: 'GUEST_PROTOCOL' }));
  });

  it('ignores fields that it does not know', () => {
    expect(parse(frameTypes.exit, '{"status":3,"later":true,"__proto__":{"signal":"X"}}')).toEqual({
      type: 'exit',
      status: 3,
    });
  });

  it("takes the terminal's control characters out of a message", () => {
    const text = JSON.stringify({ code: 'not_found', message: 'a\u001b[2Jb\u0007', hint: 'x\r\ny' });
    expect(parse(frameTypes.error, text)).toEqual({
      type: 'error',
      code: 'not_found',
      message: 'ab',
      hint: 'x y',
    });
  });

  it.each([
    frameTypes.hello,
    frameTypes.open,
    frameTypes.signal,
    frameTypes.close,
  ])('refuses type %i, which only a host may send', (type) => {
    expect(() => parse(type, '{}')).toThrow(/came from the guest/);
  });
});

describe('the state of services', () => {
  const unit = {
    name: 'redis',
    state: 'backoff',
    pid: null,
    restarts: 3,
    uptimeMs: null,
    status: 137,
    signal: 'KILL',
    message: 'no \u001b[2J such file',
    preset: null,
    user: 'redis',
  };
  const state = (units: object[]) =>
    JSON.stringify({ entrypoint: null, services: units, healthChecks: [], later: 1 });

  it('is read from an EVENT and a RESULT alike, without what would drive a terminal', () => {
    const wanted = { ...unit, message: 'no  [2J such file' };
    const fields = { entrypoint: null, services: [wanted], healthChecks: [] };
    expect(parse(frameTypes.event, state([unit]), 'services')).toEqual({ type: 'event', event: fields });
    expect(parse(frameTypes.result, state([unit]), 'services')).toEqual({ type: 'result', fields });
    expect(parse(frameTypes.result, JSON.stringify(unit), 'service')).toEqual({
      type: 'result',
      fields: wanted,
    });
  });

  it('may be larger than other messages, and is refused where it makes no sense', () => {
    const many = Array.from({ length: 500 }, () => unit);
    expect(parse(frameTypes.event, state(many), 'services')).toMatchObject({ type: 'event' });
    for (const wrong of [{ state: 'asleep' }, { pid: -1 }, { signal: '\u001b' }, { restarts: null }]) {
      expect(() => parse(frameTypes.event, state([{ ...unit, ...wrong }]), 'services')).toThrow(
        expect.objectContaining({ code: 'GUEST_PROTOCOL' }),
      );
    }
    expect(() => parse(frameTypes.event, state([unit]), 'logs')).toThrow(/out of place/);
  });
});

describe('createOrder', () => {
  const welcome: GuestMessage = { type: 'welcome', generation: 1, agent: 'a', ops: [] };
  const started = { type: 'started', fields: {} } as GuestMessage;
  const pong: GuestMessage = { type: 'pong' };
  const notice: GuestMessage = { type: 'notice', listeners: [80], left: false };
  const data = (stream: 1 | 2 | 3): GuestMessage => ({ type: 'data', stream, bytes: Buffer.from('x') });
  const exec: OpenMessage = { op: 'exec', argv: ['x'], tty: false, stdin: false };
  const tty: OpenMessage = { ...exec, tty: true };
  const console: OpenMessage = { op: 'console', rows: 1, cols: 1 };

  it.each<[string, OpenMessage, GuestMessage[]]>([
    ['STARTED before WELCOME', exec, [started]],
    ['WELCOME twice', exec, [welcome, welcome]],
    ['STARTED twice', exec, [welcome, started, started]],
    ['DATA before STARTED', exec, [welcome, data(1)]],
    ['DATA after its EOF', exec, [welcome, started, { type: 'eof', stream: 1 }, data(1)]],
    ['a replay in an exec', exec, [welcome, started, data(3)]],
    ['stderr with a tty', tty, [welcome, started, data(2)]],
    ['live data before LIVE', console, [welcome, started, data(1)]],
    ['live data in a second replay', console, [welcome, started, { type: 'live' }, data(3), data(1)]],
    ['LIVE twice', console, [welcome, started, { type: 'live' }, { type: 'live' }]],
    ['RESIZE in an exec', exec, [welcome, started, { type: 'resize', rows: 1, cols: 1 }]],
    ['STARTED of a state that was asked for once', { op: 'services', follow: false }, [welcome, started]],
    [
      'a RESULT where the state is followed',
      { op: 'services', follow: true },
      [welcome, started, { type: 'result', fields: {} }],
    ],
    ['lines of a log on stream 2', { op: 'logs', follow: true }, [welcome, started, data(2)]],
    ['EOF of an entrypoint', { op: 'entrypoint' }, [welcome, started, { type: 'eof', stream: 1 }]],
    ['credit of an entrypoint', { op: 'entrypoint' }, [welcome, started, { type: 'credit', bytes: 1 }]],
    [
      'a RESULT before STARTED',
      { op: 'service', name: 'x', action: 'stop' },
      [welcome, { type: 'result', fields: {} } as GuestMessage],
    ],
    ['a NOTICE that nobody asked for', exec, [welcome, started, notice]],
    ['a NOTICE of an info', { op: 'info' }, [welcome, notice]],
    ['EXIT of an info', { op: 'info' }, [welcome, { type: 'exit', status: 0 }]],
    ['a generation that was not offered', exec, [{ ...welcome, generation: 2 } as GuestMessage]],
  ])('refuses %s', (_, open, messages) => {
    const check = createOrder(open);
    for (const message of messages.slice(0, -1)) check(message);
    expect(() => check(messages.at(-1) as GuestMessage)).toThrow(/out of place|not offered/);
  });

  it('takes what the operations say', () => {
    const runs: [OpenMessage, GuestMessage[]][] = [
      [
        exec,
        [
          welcome,
          started,
          data(1),
          data(2),
          { type: 'eof', stream: 1 },
          data(2),
          { type: 'exit', status: 0 },
        ],
      ],
      [console, [welcome, started, data(3), { type: 'live' }, data(1), { type: 'exit', status: 0 }]],
      [console, [welcome, started, { type: 'live' }, data(1), data(3), { type: 'live' }, data(1)]],
      [{ ...exec, listeners: true }, [welcome, notice, started, notice, { type: 'exit', status: 0 }]],
      [exec, [pong, welcome, pong, started, pong, { type: 'exit', status: 0 }]],
      [{ op: 'info' }, [welcome, { type: 'result', fields: {} }]],
      [{ op: 'shutdown', timeoutMs: 1 }, [welcome, started, { type: 'result', fields: {} }]],
      [{ op: 'services', follow: false }, [welcome, { type: 'result', fields: {} }]],
      [
        { op: 'services', follow: true },
        [
          welcome,
          started,
          { type: 'event', event: {} } as GuestMessage,
          { type: 'event', event: {} } as GuestMessage,
        ],
      ],
      [{ op: 'logs', follow: false }, [welcome, started, data(1), { type: 'result', fields: {} }]],
      [{ op: 'logs', follow: true }, [welcome, started, data(1), { type: 'result', fields: {} }]],
      [{ op: 'entrypoint' }, [welcome, started, data(1), data(2), data(1), { type: 'exit', status: 0 }]],
      [
        { op: 'service', name: 'x', action: 'stop' },
        [welcome, started, { type: 'result', fields: {} } as GuestMessage],
      ],
      [exec, [{ type: 'error', code: 'protocol', message: '' }]],
    ];
    for (const [open, messages] of runs) {
      const check = createOrder(open);
      for (const message of messages) check(message);
    }
  });
});
