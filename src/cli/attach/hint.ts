import { startCommand } from '../../vm/state/kind.ts';
import type { RunningVm } from '../../vm/state/vm.ts';

/** The command that opens a VM's shell. */
export function consoleCommandOf({ name, record }: RunningVm): string {
  return record.kind === 'dev' && record.defaultOf !== null ? 'mvmctl console' : `mvmctl console ${name}`;
}

/** How to come back to a VM that runs: to its shell, or to its program's output. */
export function attachHint(vm: RunningVm): string {
  const stop = `Stop it: mvmctl stop ${vm.name}`;
  if (vm.boot.entrypointKind === 'shell') return vm.boot.sealed ? stop : `Attach: ${consoleCommandOf(vm)}`;
  if (vm.record.kind === 'up') return `Its output: ${startCommand(vm.record)}   ${stop}`;
  return `Open a shell in it: ${consoleCommandOf(vm)}`;
}
