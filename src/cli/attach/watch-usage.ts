import { setTimeout as delay } from 'node:timers/promises';
import { MvmError } from '../../errors/mvm-error.ts';
import type { Usage } from '../../vm/condition/usage.ts';
import type { Context } from '../context.ts';
import { openScreen } from '../render/screen.ts';
import { terminalColumns } from '../render/table.ts';
import { usageTable } from '../render/usage-table.ts';

/** What Ctrl-C is on a terminal that is raw. */
const interrupt = '\x03';

/** Shows usages on a screen of its own until q, Ctrl-C, or the end of all of the VMs; the last ones stay on the usual screen. */
export async function watchUsage(
  context: Context,
  read: (before: readonly Usage[]) => Promise<readonly Usage[]>,
  everyMs: number,
): Promise<void> {
  const { stdin, stdout } = context;
  context.endProgress();
  const over = new AbortController();
  const until = AbortSignal.any([context.signal, over.signal]);
  const onKey = (key: Buffer): void => {
    if (/[qQ]/.test(key.toString()) || key.includes(interrupt)) over.abort();
  };
  const isRaw = stdin.isTTY && typeof stdin.setRawMode === 'function';
  if (isRaw) stdin.setRawMode(true).on('data', onKey);
  let all: readonly Usage[] = [];
  const text = (): string => (all.length === 0 ? '' : usageTable(all, terminalColumns(stdout)));
  const screen = openScreen(stdout, () => (all.length === 0 ? '' : `${text()}\n\nq ends this.`));
  try {
    while (!until.aborted) {
      all = await read(all);
      if (all.length === 0) return;
      screen.draw();
      await delay(everyMs, undefined, { signal: until }).catch(() => {});
    }
  } catch (error) {
    // The VM has stopped, or what was asked last is not waited for any more.
    const hasStopped = error instanceof MvmError && error.code === 'VM_NOT_RUNNING';
    if (!until.aborted && !hasStopped) throw error;
  } finally {
    screen.close(text());
    if (isRaw) stdin.off('data', onKey).setRawMode(false);
    stdin.pause();
  }
}
