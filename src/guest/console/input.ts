import type { Channel } from '../channel/channel.ts';
import type { Pump } from '../exec/input.ts';
import type { DetachKeys } from '../terminal/detach-keys.ts';
import { createDetachScanner } from '../terminal/detach-scan.ts';
import type { TerminalInput } from '../terminal/terminal.ts';

/** How long the first of several detach keys waits for the next, in milliseconds. */
const holdMs = 500;
/**
 * Input that the guest does not take is kept up to this many bytes; then the terminal is no longer read,
 * and the detach keys work again once the guest reads.
 */
const maxWaiting = 4 * 1024 * 1024;

/** Copies what the user types into the channel, once started, looking for the detach keys. */
export function createConsoleInput(
  stdin: TerminalInput,
  channel: Channel<'console'>,
  keys: DetachKeys,
  detach: () => void,
): Pump {
  const scanner = createDetachScanner(keys);
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let hooked = false;

  function send(bytes: Buffer): void {
    if (bytes.length === 0) return;
    waiting += bytes.length;
    if (waiting > maxWaiting) stdin.pause();
    void channel.writeInput(bytes).then(() => {
      waiting -= bytes.length;
      if (running && stdin.isPaused() && waiting <= maxWaiting) stdin.resume();
    });
  }

  function data(chunk: Buffer | string): void {
    clearTimeout(timer);
    const { pass, detached } = scanner.feed(Buffer.from(chunk as Buffer));
    send(pass);
    if (detached) detach();
    else if (scanner.holding) timer = setTimeout(() => send(scanner.flush()), holdMs);
  }

  return {
    start() {
      running = true;
      if (!hooked) stdin.on('data', data);
      hooked = true;
      // A listener alone does not wake a stream that was paused.
      if (waiting <= maxWaiting) stdin.resume();
    },
    pause() {
      running = false;
      stdin.pause();
    },
    stop() {
      running = false;
      clearTimeout(timer);
      stdin.off('data', data);
      stdin.pause();
    },
  };
}
