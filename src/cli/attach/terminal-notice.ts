import type { Emit } from '../../events/events.ts';
import { oneLine } from '../render/untrusted.ts';

const saveCursor = '\x1b7';
const restoreCursor = '\x1b8';
const inverse = '\x1b[7m';
const normal = '\x1b[m';
const eraseLine = '\x1b[2K';

export interface TerminalNotice {
  emit: Emit;
  /** Leaves the terminal without a notice. */
  end(): void;
}

/**
 * Shows warnings on the last line of a terminal that belongs to a guest, until the next note or the end; whatever the
 * guest had there is gone, and its cursor stays where it is.
 * @param leave how the user gets out
 */
export function noticeOnTerminal(stdout: NodeJS.WriteStream, leave: string): TerminalNotice {
  let notice: string | undefined;
  let ended = false;
  const show = (): void => {
    const { rows = 24, columns = 80 } = stdout;
    const room = columns - leave.length - 2;
    const words = `mvm: ${notice}`;
    const shown = words.length > room ? `${words.slice(0, Math.max(0, room - 1))}…` : words;
    const line = notice === undefined ? '' : `${inverse}${shown}  ${leave}${normal}`;
    stdout.write(`${saveCursor}\x1b[${rows};1H${eraseLine}${line}${restoreCursor}`);
  };
  // The last line of a terminal that changes its size is another one.
  const resized = (): void => {
    if (notice !== undefined) show();
  };
  stdout.on('resize', resized);
  return {
    emit(event) {
      if (event.type !== 'note' || ended) return;
      notice = event.level === 'warn' ? oneLine(event.text) : undefined;
      show();
    },
    end() {
      stdout.off('resize', resized);
      ended = true;
      if (notice === undefined) return;
      notice = undefined;
      show();
    },
  };
}
