import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../../events/events.ts';
import { type LogBounds, removeOldLogs } from '../../state/old-logs.ts';
import { buildLogDir, type Paths } from '../../state/paths.ts';
import { ensureDir } from '../../state/write.ts';

/** Bytes of one log, and of the earlier ones together. */
const mostBytes = 256 * 2 ** 20;
const earlier: LogBounds = { files: 19, bytes: 256 * 2 ** 20 };

export interface BuildLog {
  path: string;
  write(line: string): void;
  /** Resolves once everything is on its way to the disk. */
  end(): Promise<void>;
}

/**
 * A file on the host with all that a build says. A build does not fail for want of its log: where it can't be
 * written, a line says so.
 * @param options.most bytes; what is longer is left out at its end
 */
export async function createBuildLog(
  paths: Paths,
  emit: Emit,
  { most = mostBytes }: { most?: number } = {},
): Promise<BuildLog> {
  const dir = buildLogDir(paths);
  await ensureDir(dir);
  removeOldLogs(dir, earlier);
  const path = join(dir, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`);
  const file = createWriteStream(path, { mode: 0o600 });
  let left = most;
  let broken = false;
  file.on('error', (error) => {
    if (!broken)
      emit({ type: 'note', level: 'warn', text: `The build's log can't be written: ${error.message}` });
    broken = true;
  });
  return {
    path,
    write(line) {
      if (left <= 0 || broken) return;
      left -= Buffer.byteLength(line) + 1;
      file.write(left > 0 ? `${line}\n` : '… the rest of the log was left out\n');
    },
    end: () => new Promise((resolve) => (broken ? resolve() : file.end(resolve))),
  };
}
