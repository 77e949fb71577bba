import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MvmEvent } from '../events/events.ts';
import { makeDir } from '../state/make-dir.ts';

const kept = 20;

/**
 * What a command did, kept in memory and written only when it fails: a successful command costs no file.
 */
export function debugLog(argv: readonly string[]) {
  const started = Date.now();
  const lines: string[] = [
    `mvmctl ${argv.join(' ')}`,
    `${process.platform} ${process.arch}, node ${process.version}`,
  ];
  return {
    add(event: MvmEvent): void {
      if (event.type === 'progress' || event.type === 'build') return;
      if (lines.length > 5000) lines.splice(100, 1000, '… 1000 lines left out');
      lines.push(`${String(Date.now() - started).padStart(7)} ${JSON.stringify(event)}`);
    },
    /** Writes the log with the error; its path, or undefined where it can't be written (a full disk). */
    write(dir: string, error: unknown): string | undefined {
      const cause =
        error instanceof Error && error.cause !== undefined
          ? `\ncause: ${String((error.cause as Error)?.stack ?? error.cause)}`
          : '';
      const text = `${lines.join('\n')}\n${error instanceof Error ? error.stack : String(error)}${cause}\n`;
      const path = join(dir, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`);
      try {
        makeDir(dir);
        writeFileSync(path, text, { mode: 0o600 });
        for (const old of readdirSync(dir).sort().slice(0, -kept)) rmSync(join(dir, old), { force: true });
        return path;
      } catch {
        // The error itself is about to be shown; that its log could not be kept must not hide it.
        return undefined;
      }
    },
  };
}
