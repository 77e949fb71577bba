import type { TerminalOutput } from './terminal.ts';

/** Between the guest's last bytes and a remark, in milliseconds: a program that begins to listen says so itself. */
const quietMs = 50;
/** So many wait at most, the last ones. */
const most = 8;

const saveCursor = '\x1b7';
const restoreCursor = '\x1b8';
/** The screen goes up by a line, and one is opened above the cursor's: what the guest has below stays where it is. */
const openLine = '\x1b[S\x1b[A\x1b[L\r';
const faint = '\x1b[0;2m';
const normal = '\x1b[m';

export interface Remarks {
  say(text: string): void;
  /** The guest writes. */
  written(): void;
  /** What was not shown is dropped. */
  end(): void;
}

/** Lines of our own on a terminal that a guest has. They wait while `isDrawing`. */
export function createRemarks(stdout: TerminalOutput, isDrawing: () => boolean): Remarks {
  let waiting: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  function later(): void {
    clearTimeout(timer);
    if (waiting.length > 0 && !ended) timer = setTimeout(show, quietMs);
  }

  function show(): void {
    if (isDrawing()) return;
    const room = Math.max(1, (stdout.columns || 80) - 1);
    const shown = waiting.map((text) => (text.length > room ? `${text.slice(0, room - 1)}…` : text));
    waiting = [];
    const lines = shown.map((text) => `${openLine}${faint}${text}${normal}${restoreCursor}`);
    stdout.write(lines.map((line) => saveCursor + line).join(''));
  }

  return {
    say(text) {
      waiting = [...waiting, text].slice(-most);
      later();
    },
    written: later,
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
