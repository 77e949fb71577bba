import type { Context } from './context.ts';

/** Stops a VM and says what it found. */
export async function stopAndTell(context: Context, name: string, force: boolean): Promise<void> {
  const { paths, emit, signal } = context;
  const { stopVm } = await import('../vm/stop.ts');
  const stopped = await stopVm(name, { paths, emit, signal, force });
  if (!stopped) context.emit({ type: 'note', level: 'info', text: `${name} was not running.` });
}
