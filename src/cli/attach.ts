import { guestAccess } from '../vm/guest.ts';
import type { RunningVm } from '../vm/vm.ts';
import type { Context } from './context.ts';

/** How to come back to a VM's shell. */
export function attachHint(vm: RunningVm): string {
  return vm.record.defaultOf === null ? `Attach: mvmctl console ${vm.name}` : 'Attach: mvmctl console';
}

/**
 * Gives the terminal to the VM's shell until it is left or detached.
 * @returns the shell's exit status; 0 when detached by the keys
 */
export async function attach(context: Context, vm: RunningVm): Promise<number> {
  const { stdin, stdout, env } = context;
  if (!stdin.isTTY || !stdout.isTTY) {
    context.emit({
      type: 'note',
      level: 'info',
      text: `${vm.name} is running. Its shell was not opened: this is no terminal. ${attachHint(vm)}`,
    });
    return 0;
  }
  const { attachConsole } = await import('../guest/console.ts');
  const { defaultDetachKeys, describeDetachKeys, parseDetachKeys } = await import('../guest/detach-keys.ts');
  const { readUserConfig } = await import('../config/user-config.ts');
  const configured = env.MVM_DETACH_KEYS || (await readUserConfig(context.paths.config)).detach_keys;
  const detachKeys = configured ?? defaultDetachKeys;
  const keys = describeDetachKeys(parseDetachKeys(detachKeys));
  context.emit({
    type: 'note',
    level: 'info',
    text: `Detach with ${keys}; the VM goes on. 'exit' leaves the shell.`,
  });
  context.endProgress();
  context.takeSignals();
  const { connect, key } = guestAccess(vm);
  const result = await attachConsole({
    connect,
    key,
    stdin,
    stdout,
    detachKeys,
    env,
    guestEnv: vm.boot.env,
  });
  if (result.kind === 'exited') return result.status;
  // The terminal was closed, or a signal asked mvmctl to end: nobody reads along.
  if (result.reason !== undefined) return result.reason.exitCode;
  const again = vm.record.defaultOf === null ? `mvmctl console ${vm.name}` : 'mvmctl console';
  context.stderr.write(`\nDetached; ${vm.name} goes on. Back: ${again}\n`);
  return 0;
}
