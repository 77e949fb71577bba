import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { type MvmError, systemCode } from '../errors/mvm-error.ts';

/** What a terminal sends to all that run in its foreground: the program deals with it. */
const terminals = ['SIGINT', 'SIGQUIT'] as const;
const forwarded = ['SIGTERM', 'SIGHUP', 'SIGUSR1'] as const;

/**
 * Runs a program in this one's place: with its streams and its terminal, and with the signals that come. Resolves with its
 * exit status, 128 + n where signal n ended it.
 * @param missing thrown where there is no such program
 */
export async function runAttached(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  missing: MvmError,
): Promise<number> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: 'inherit', env });
  const ignore = (): void => {};
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of terminals) process.on(signal, ignore);
  for (const signal of forwarded) process.on(signal, pass);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error) => reject(systemCode(error) === 'ENOENT' ? missing : error));
      child.once('exit', (status, signal) =>
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      );
    });
  } finally {
    for (const signal of terminals) process.off(signal, ignore);
    for (const signal of forwarded) process.off(signal, pass);
  }
}
