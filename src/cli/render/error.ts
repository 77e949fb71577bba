import { styleText } from 'node:util';
import { MvmError } from '../../errors/mvm-error.ts';
import { escaped, oneLine } from './untrusted.ts';

export interface RenderedError {
  text: string;
  exitCode: number;
}

/**
 * The error as a person reads it: what and where, the evidence, the one thing to do, the log. Anything but
 * an MvmError is our bug and is shown with its stack.
 */
export function renderError(error: unknown, options: { color: boolean; debugLog?: string }): RenderedError {
  const red = (text: string) => (options.color ? styleText('red', text, { validateStream: false }) : text);
  const dim = (text: string) => (options.color ? styleText('dim', text, { validateStream: false }) : text);
  if (error instanceof MvmError) {
    const lines = [`${red('error:')} ${oneLine(error.message)}`];
    for (const line of error.details) lines.push(`  ${dim('|')} ${oneLine(line)}`);
    if (error.hint !== undefined && error.hint !== '') lines.push(`  ${dim('→')} ${escaped(error.hint)}`);
    if (error.log !== undefined) lines.push(`  ${dim('log:')} ${escaped(error.log)}`);
    if (options.debugLog !== undefined) lines.push(`  ${dim('debug log:')} ${escaped(options.debugLog)}`);
    return { text: `${lines.join('\n')}\n`, exitCode: error.exitCode };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const log = options.debugLog === undefined ? '' : `\n  debug log: ${options.debugLog}`;
  return {
    text: `${red('bug:')} mvmctl met an error it did not expect. Please report it with these lines:\n${stack}${log}\n`,
    exitCode: 70,
  };
}
