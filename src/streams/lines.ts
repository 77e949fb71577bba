import type { Session } from './session.ts';

/** The longest line that a guest may say, in bytes. */
const maxLine = 4096;

export interface LineReader {
  /** Called with each line. While as many as `atOnce` are being worked at, the guest may send no more than its window has. */
  onLine(text: string): Promise<void> | void;
  atOnce?: number;
}

/**
 * Opens a stream on which the guest writes lines. What `onLine` throws ends it and is thrown.
 * @returns the reason for which it ended: the guest's, `ended` at its end, `broken` where a line is too long, `busy` where no
 *   stream could be opened, `aborted`
 */
export function readLines(
  session: Session,
  open: object,
  signal: AbortSignal,
  { onLine, atOnce = 1 }: LineReader,
): Promise<string> {
  let text = '';
  let working = 0;
  let isOver = false;
  return new Promise<string>((resolve, reject) => {
    const stop = (outcome: () => void): void => {
      if (isOver) return;
      isOver = true;
      signal.removeEventListener('abort', abort);
      stream?.reset('gone');
      outcome();
    };
    const abort = (): void => stop(() => resolve('aborted'));
    const fail = (error: unknown): void => stop(() => reject(error));

    /** Works at what is there, and lets the guest send as much again. */
    function work(): void {
      let done = 0;
      while (!isOver && working < atOnce) {
        const end = text.indexOf('\n');
        if (end < 0) break;
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        done += end + 1;
        working++;
        void Promise.resolve(line)
          .then(onLine)
          .catch(fail)
          .finally(() => {
            working--;
            work();
          });
      }
      if (!isOver && done > 0) stream?.taken(done);
      if (text.length > maxLine && !text.includes('\n')) stop(() => resolve('broken'));
    }

    const stream = session.open(open, {
      data(bytes) {
        text += bytes.toString('latin1');
        work();
      },
      end: () => stop(() => resolve('ended')),
      reset: (code) => stop(() => resolve(code)),
      writable() {},
    });
    if (stream === undefined) resolve('busy');
    else if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
