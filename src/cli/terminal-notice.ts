import type { Emit } from '../events/events.ts';
import { oneLine } from './render/untrusted.ts';

const saveCursor = '\x1b7';
const restoreCursor = '\x1b8';
const inverse = '\x1b[7m';
const normal = '\x1b[m';
const eraseLine = '\x1b[2K';

/**
 * Shows warnings on the last line of a terminal that belongs to a guest, until the next note; whatever the guest had
 * there is gone, and its cursor stays where it is.
 * @param leave how the user gets out
 */
export function noticeOnTerminal(stdout: NodeJS.WriteStream, leave: string): Emit {
  return (event) => {
    if (event.type !== 'note') return;
    const { rows = 24, columns = 80 } = stdout;
    const room = columns - leave.length - 2;
    const words = `mvm: ${oneLine(event.text)}`;
    const shown = words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words;
    const line = event.level === 'warn' ? `${inverse}${shown}  ${leave}${normal}` : '';
    stdout.write(`${saveCursor}\x1b[${rows};1H${eraseLine}${line}${restoreCursor}`);
  };
}
