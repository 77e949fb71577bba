import { constants } from 'node:os';
import { MvmError } from './mvm-error.ts';

/** INTERRUPTED by a signal, with the exit status that a shell gives to it: 128 and its number. */
export function interruptedBy(signal: NodeJS.Signals): MvmError {
  const text = signal === 'SIGINT' ? 'Interrupted.' : `Stopped by ${signal}.`;
  return new MvmError('INTERRUPTED', text, { exit: 128 + constants.signals[signal] });
}
