import { guestAccess } from '../../vm/condition/guest.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Context } from '../context.ts';
import { followNews } from './follow-news.ts';
import { attachHint, consoleCommandOf } from './hint.ts';
import { tellEnded } from './tell-ended.ts';
import { noticeOnTerminal } from './terminal-notice.ts';

export interface Attached {
  /** The shell's exit status; 0 when detached by the keys. */
  status: number;
  /** The shell was left: it has ended. */
  ended: boolean;
}

/**
 * Gives the terminal to the VM's shell until it is left or detached.
 * @param exit what becomes of it when the shell is left, behind "'exit'"
 */
export async function attach(context: Context, vm: RunningVm, exit = 'leaves the shell'): Promise<Attached> {
  const { stdin, stdout, env } = context;
  await tellEnded(context, vm);
  if (!stdin.isTTY || !stdout.isTTY) {
    context.emit({
      type: 'note',
      level: 'info',
      text: `${vm.name} is running. Its shell was not opened, because this is not a terminal. ${attachHint(vm)}`,
    });
    return { status: 0, ended: false };
  }
  const { attachConsole } = await import('../../guest/console/console.ts');
  const { defaultDetachKeys, describeDetachKeys, parseDetachKeys } = await import(
    '../../guest/terminal/detach-keys.ts'
  );
  const { readUserConfig } = await import('../../config/user-config.ts');
  const configured = env.MVM_DETACH_KEYS || (await readUserConfig(context.paths.config)).detach_keys;
  const detachKeys = configured ?? defaultDetachKeys;
  const keys = describeDetachKeys(parseDetachKeys(detachKeys));
  context.emit({
    type: 'note',
    level: 'info',
    text: `Detach with ${keys}; the VM keeps running. 'exit' ${exit}.`,
  });
  context.endProgress();
  const notice = noticeOnTerminal(stdout, `Detach: ${keys}`);
  const news = followNews(vm, context.signal);
  const guest = { ...guestAccess(vm, notice.emit), ...news.access };
  const result = await attachConsole({
    guest,
    stdin,
    stdout,
    detachKeys,
    env,
    guestEnv: vm.boot.env,
    signal: context.signal,
    onConnected: () => context.takeSignals(),
    onTerminal: news.show,
  }).finally(() => {
    news.end();
    notice.end();
  });
  if (result.kind === 'exited') return { status: result.status, ended: true };
  // The terminal was closed, or a signal asked mvmctl to end: nobody is reading.
  if (result.reason !== undefined) return { status: result.reason.exitCode, ended: false };
  context.stderr.write(`\nDetached; ${vm.name} keeps running. To go back: ${consoleCommandOf(vm)}\n`);
  return { status: 0, ended: false };
}
