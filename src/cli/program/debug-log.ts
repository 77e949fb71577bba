import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MvmEvent } from '../../events/events.ts';
import { makeDir } from '../../state/make-dir.ts';
import { type LogBounds, removeOldLogs } from '../../state/old-logs.ts';

const bounds: LogBounds = { files: 20, bytes: 40 * 2 ** 20 };

/** Characters of a log, of one line in it, and of its error with what caused it. */
const mostText = 2 ** 20;
const mostLine = 2 ** 13;
const mostError = 2 ** 18;

/**
 * What a command did, kept in memory and written only when it fails: a successful command costs no file.
 */
export function debugLog(argv: readonly string[]) {
  const started = Date.now();
  const lines: string[] = [];
  let characters = 0;
  const push = (line: string): void => {
    lines.push(cut(line, mostLine));
    characters += lines.at(-1)?.length ?? 0;
    if (characters <= mostText) return;
    // The beginning says what the command is, the end why it failed.
    const left = lines.splice(100, Math.ceil((lines.length - 100) / 2), '… lines are left out here');
    characters -= left.reduce((sum, line) => sum + line.length, 0);
  };
  push(`mvmctl ${argv.join(' ')}`);
  push(`${process.platform} ${process.arch}, node ${process.version}`);
  return {
    add(event: MvmEvent): void {
      if (event.type === 'progress' || event.type === 'build') return;
      push(`${String(Date.now() - started).padStart(7)} ${JSON.stringify(event)}`);
    },
    /** Writes the log with the error; its path, or undefined where it can't be written (a full disk). */
    write(dir: string, error: unknown): string | undefined {
      const cause =
        error instanceof Error && error.cause !== undefined
          ? `\ncause: ${String((error.cause as Error)?.stack ?? error.cause)}`
          : '';
      const story = cut(`${error instanceof Error ? error.stack : String(error)}${cause}`, mostError);
      const text = `${lines.join('\n')}\n${story}\n`;
      const path = join(dir, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`);
      try {
        makeDir(dir);
        writeFileSync(path, text, { mode: 0o600 });
        removeOldLogs(dir, bounds);
        return path;
      } catch {
        // The error itself is about to be shown; that its log could not be kept must not hide it.
        return undefined;
      }
    },
  };
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most)}… ${text.length - most} characters left out`;
}
