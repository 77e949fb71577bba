import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Channel } from '../channel/channel.ts';
import type { Pump } from '../exec/input.ts';
import { createConsoleInput } from './input.ts';

let stdin: PassThrough;
let sent: Buffer[];
let take: (() => void)[];
let detach: ReturnType<typeof vi.fn<() => void>>;
let input: Pump;

beforeEach(() => {
  vi.useFakeTimers();
  stdin = new PassThrough();
  sent = [];
  take = [];
  detach = vi.fn<() => void>();
  const writeInput = (bytes: Buffer): Promise<void> => {
    sent.push(bytes);
    return new Promise((resolve) => take.push(resolve));
  };
  input = createConsoleInput(stdin, { writeInput } as Channel<'console'>, [0x1d, 0x1d], detach);
  input.start();
});
afterEach(() => {
  input.stop();
  vi.useRealTimers();
});

const type = (text: string | Buffer): boolean => stdin.emit('data', Buffer.from(text as string));

describe('createConsoleInput', () => {
  it('sends keys at once, and a first detach key after half a second', () => {
    type('a');
    type('\x1d');
    expect(Buffer.concat(sent).toString()).toBe('a');
    vi.advanceTimersByTime(499);
    expect(Buffer.concat(sent).toString()).toBe('a');
    vi.advanceTimersByTime(1);
    expect(Buffer.concat(sent).toString()).toBe('a\x1d');
    type('\x1d');
    expect(detach).not.toHaveBeenCalled();
  });

  it('detaches although the guest takes no input, and leaves no timer', () => {
    type('typed and not read');
    type('\x1d');
    type('\x1d');
    expect(detach).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('stops reading the terminal at 4 MiB that the guest does not take, and goes on later', async () => {
    stdin.resume();
    type(Buffer.alloc(4 * 1024 * 1024));
    expect(stdin.isPaused()).toBe(false);
    type('one more');
    expect(stdin.isPaused()).toBe(true);
    take[0]?.();
    await vi.advanceTimersByTimeAsync(0);
    expect(stdin.isPaused()).toBe(false);
  });

  it('stops cleanly while a key is held back', () => {
    type('\x1d');
    input.stop();
    expect(vi.getTimerCount()).toBe(0);
    expect(stdin.listenerCount('data')).toBe(0);
    expect(stdin.isPaused()).toBe(true);
  });
});
