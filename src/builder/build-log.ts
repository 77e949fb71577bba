import { createWriteStream, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Emit } from '../events/events.ts';
import { buildLogDir, type Paths } from '../state/paths.ts';
import { ensureDir } from '../state/write.ts';

/** Logs of builds that are kept, and bytes of each. */
const kept = 20;
const mostBytes = 256 * 2 ** 20;

export interface BuildLog {
  path: string;
  write(line: string): void;
  /** Resolves once everything is on its way to the disk. */
  end(): Promise<void>;
}

/**
 * A file on the host with all that a build says. A build does not fail for want of its log: where it can't be
 * written, a line says so.
 */
export async function createBuildLog(paths: Paths, emit: Emit): Promise<BuildLog> {
  const dir = buildLogDir(paths);
  await ensureDir(dir);
  for (const old of readdirSync(dir)
    .sort()
    .slice(0, 1 - kept))
    rmSync(join(dir, old), { force: true });
  const path = join(dir, `${new Date().toISOString().replace(/[:.]/g, '-')}-${process.pid}.log`);
  const file = createWriteStream(path, { mode: 0o600 });
  let left = mostBytes;
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
      left -= line.length + 1;
      file.write(left > 0 ? `${line}\n` : '… the rest of the log is left out\n');
    },
    end: () => new Promise((resolve) => (broken ? resolve() : file.end(resolve))),
  };
}
