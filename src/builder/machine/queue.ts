import { readFile, writeFile } from 'node:fs/promises';
import { writeError } from '../../errors/file-error.ts';
import type { Emit } from '../../events/events.ts';
import { acquireLock, lockHolder } from '../../state/lock.ts';
import type { Paths } from '../../state/paths.ts';
import { ensureDir } from '../../state/write.ts';
import { builderFiles } from './paths.ts';

export interface TurnOptions {
  paths: Paths;
  emit: Emit;
  signal: AbortSignal;
  /** What is built, for those who wait: "packages.x86_64-linux.dev of /home/me/project". */
  what: string;
}

/**
 * Runs `work` when no other build runs in the builder; until then it waits, with a note that says for what.
 * Throws STATE_WRITE, the signal's reason, and what `work` throws.
 */
export async function takeTurn<T>(options: TurnOptions, work: () => Promise<T>): Promise<T> {
  const { paths, emit, signal, what } = options;
  const files = builderFiles(paths);
  await ensureDir(files.dir, 0o700);
  const lock = await acquireLock(files.jobLock, {
    what: 'the builder',
    // A build may take hours, and Ctrl-C ends the wait.
    waitMs: Number.POSITIVE_INFINITY,
    signal,
    onWait: (pid) => {
      void readNote(files.jobNote).then((note) =>
        emit({
          type: 'note',
          level: 'info',
          text: `The builder is busy${note === '' ? '' : `: ${note}`} (process ${pid}); waiting …`,
        }),
      );
    },
  });
  try {
    await writeFile(files.jobNote, `${what}\n`).catch((error: unknown) => {
      throw writeError(error, files.jobNote);
    });
    return await work();
  } finally {
    await lock.release();
  }
}

/** The build that runs now. */
export async function currentJob(paths: Paths): Promise<{ pid: number; what: string } | undefined> {
  const files = builderFiles(paths);
  const pid = await lockHolder(files.jobLock);
  return pid === undefined ? undefined : { pid, what: (await readNote(files.jobNote)) || 'a build' };
}

/** Says more where it can; a build does not fail for want of it. */
function readNote(path: string): Promise<string> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}
