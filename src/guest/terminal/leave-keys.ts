import type { TerminalInput } from './terminal.ts';

const ctrlBracket = 0x1d;
const ctrlC = 0x03;

/**
 * Watches the terminal of an exec whose guest does not answer, and so takes no keys: Ctrl-] twice or Ctrl-C three times
 * mean that the user wants to leave.
 */
export function watchLeaveKeys(stdin: TerminalInput, isSilent: () => boolean, leave: () => void): () => void {
  const pressed = { [ctrlBracket]: 0, [ctrlC]: 0 };
  const onData = (chunk: Buffer | string): void => {
    for (const byte of Buffer.from(chunk as Buffer)) {
      if (byte !== ctrlBracket && byte !== ctrlC) continue;
      pressed[byte] = isSilent() ? pressed[byte] + 1 : 0;
      if (pressed[ctrlBracket] >= 2 || pressed[ctrlC] >= 3) leave();
    }
  };
  stdin.on('data', onData);
  return () => stdin.off('data', onData);
}
