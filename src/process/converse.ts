import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/**
 * Runs a program and talks to it over stdin and stdout; ends it (KILL) when `talk` settles or `timeoutMs`
 * have passed. Rejects when the program can't be started, ends first or is too slow.
 */
export async function converse<T>(
  argv: readonly string[],
  timeoutMs: number,
  talk: (stdin: Writable, stdout: Readable) => Promise<T>,
): Promise<T> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => over.reject(new Error(`${program}: no answer in ${timeoutMs} ms`)),
    timeoutMs,
  );
  child.once('error', over.reject);
  child.once('exit', () => over.reject(new Error(`${program} ended`)));
  // A write to a program that has ended; its end is what counts.
  child.stdin.on('error', () => {});
  try {
    return await Promise.race([over.promise, talk(child.stdin, child.stdout)]);
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
