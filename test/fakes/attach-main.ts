/**
 * Attaches this process's terminal to a fake guest: `node attach-main.ts SOCKET [announce | exec]`. For the
 * terminal tests; `announce` says on the screen when the terminal is raw, `exec` runs an exec instead.
 */
import { writeFileSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { MvmError } from '../../src/errors/mvm-error.ts';
import { attachConsole, type ConsoleResult } from '../../src/guest/console/console.ts';
import { execInGuest } from '../../src/guest/exec/exec.ts';
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
const { stdin, stdout, stderr, env } = process;
const mode = process.argv[3];
if (mode === 'announce') {
  const setRawMode = stdin.setRawMode.bind(stdin);
  stdin.setRawMode = (raw) => {
    setRawMode(raw);
    if (raw) stdout.write('the terminal is raw');
    return stdin;
  };
}

async function run(): Promise<ConsoleResult> {
  const guest = { connect, key };
  if (mode !== 'exec') return attachConsole({ guest, stdin, stdout, env });
  const { status } = await execInGuest(guest, { argv: ['x'], tty: true, stdin, stdout, stderr });
  return { kind: 'exited', status };
}

try {
  const result = await run();
  const reason = result.kind === 'detached' && result.reason ? ` (${result.reason.message})` : '';
  stdout.write(
    `RESULT ${result.kind}${result.kind === 'exited' ? ` ${result.status}` : ''}${reason}${stdin.isRaw ? ' STILL RAW' : ''}\n`,
  );
} catch (error) {
  stdout.write(
    `RESULT ${error instanceof MvmError ? error.code : String(error)}${stdin.isRaw ? ' STILL RAW' : ''}\n`,
  );
}
