import { watchFolder } from './watch-folder.ts';

/**
 * Resolves when a file of the folder that `matches` appears, changes or goes, or after `atMostMs`; rejects never. What
 * happened before the call is not seen: look once more after it.
 */
export function awaitChange(
  dir: string,
  matches: (file: string) => boolean,
  atMostMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watchFolder(dir, (file) => {
      if (file === null || matches(file)) done();
    });
    const timer = setTimeout(done, atMostMs);
    signal?.addEventListener('abort', done, { once: true });
    function done(): void {
      clearTimeout(timer);
      watcher.close();
      signal?.removeEventListener('abort', done);
      resolve();
    }
  });
}
