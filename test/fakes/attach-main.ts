/** Attaches this process's terminal to a fake guest: `node attach-main.ts SOCKET`. For the terminal tests. */
import { writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { MvmError } from '../../src/errors/mvm-error.ts';
import { attachConsole } from '../../src/guest/console.ts';
import { key } from './guest.ts';

const path = process.argv[2] ?? '';
writeFileSync(`${path}.pid`, String(process.pid));
process.once('SIGUSR2', () => {
  throw new Error('a bug in mvmctl');
});

const connect = (): Promise<Socket> =>
  new Promise((resolve) => {
    const socket = createConnection({ path }, () => resolve(socket));
  });
const { stdin, stdout, env } = process;
try {
  const result = await attachConsole({ connect, key, stdin, stdout, env });
  const reason = result.kind === 'detached' && result.reason ? ` (${result.reason.message})` : '';
  stdout.write(`RESULT ${result.kind}${result.kind === 'exited' ? ` ${result.status}` : ''}${reason}\n`);
} catch (error) {
  stdout.write(`RESULT ${error instanceof MvmError ? error.code : String(error)}\n`);
}
