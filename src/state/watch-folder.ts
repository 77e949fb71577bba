import { watch } from 'node:fs';

/** How often it is looked where the host lets nobody watch, in milliseconds. */
const lookMs = 250;

/**
 * Calls `onChange` with the file's name when a file of the folder (or the file that `path` is) appears, changes or goes.
 * Where that can't be watched, as the user has as many watches as the host allows (EMFILE, ENOSPC) or the path is gone, it is
 * called with null four times a second.
 */
export function watchFolder(path: string, onChange: (file: string | null) => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const look = () => {
    if (!closed) timer ??= setInterval(() => onChange(null), lookMs);
  };
  let close = () => {};
  try {
    const watcher = watch(path, (_event, file) => onChange(file));
    watcher.on('error', look);
    close = () => watcher.close();
  } catch {
    look();
  }
  return {
    close() {
      closed = true;
      clearInterval(timer);
      close();
    },
  };
}
