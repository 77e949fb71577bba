import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Server } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { writeError } from '../../../errors/file-error.ts';
import { MvmError } from '../../../errors/mvm-error.ts';
import { qmpSocket, stateSocket } from '../plan/sockets.ts';
import { connectQmp, type Qmp } from './qmp.ts';

/** How long QEMU may take to write or read its devices' state, which is some 200 KiB, in milliseconds. */
const stateMs = 10_000;

/** Memory is in a file and no part of the state; `events` tells when all is done. */
const capabilities = [
  { capability: 'x-ignore-shared', state: true },
  { capability: 'events', state: true },
];

/** Resolves when QEMU says that what goes through the socket is complete. Throws BACKEND_FAILED. */
function migrated(qmp: Qmp): Promise<void> {
  const done = Promise.withResolvers<void>();
  const fail = (what: string): void => done.reject(new MvmError('BACKEND_FAILED', `QEMU's state: ${what}.`));
  const timer = setTimeout(() => fail(`not complete within ${stateMs / 1000} s`), stateMs);
  const end = qmp.onEvent(({ event, data }) => {
    if (event !== 'MIGRATION') return;
    if (data.status === 'completed') done.resolve();
    else if (data.status === 'failed' || data.status === 'cancelled') fail(data.status);
  });
  qmp.closed.then(() => fail('QEMU closed the connection'));
  done.promise.catch(() => {}); // It may fail while something else is awaited.
  return done.promise.finally(() => {
    clearTimeout(timer);
    end();
  });
}

/** Loads the devices' state; the machine stands still afterwards, as it was saved. Throws BACKEND_FAILED. */
export async function load(qmp: Qmp, runtimeDir: string, path: string): Promise<void> {
  const socket = stateSocket(runtimeDir);
  await rm(socket, { force: true });
  try {
    await qmp.execute('migrate-set-capabilities', { capabilities });
    const done = migrated(qmp);
    done.catch(() => {});
    await qmp.execute('migrate-incoming', { uri: `unix:${socket}` });
    // A QEMU that finds fault with it hangs up, and says why itself.
    await pipeline(createReadStream(path), createConnection({ path: socket })).catch(() => {});
    await done;
  } finally {
    await rm(socket, { force: true });
  }
}

export async function save(runtimeDir: string, path: string): Promise<void> {
  const socket = stateSocket(runtimeDir);
  await rm(socket, { force: true });
  const qmp = await connectQmp(qmpSocket(runtimeDir));
  const server = createServer();
  const written = receive(server, path);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
    await qmp.execute('stop');
    await qmp.execute('migrate-set-capabilities', { capabilities });
    const done = migrated(qmp);
    done.catch(() => {});
    await qmp.execute('migrate', { uri: `unix:${socket}` });
    await done;
    await written;
  } finally {
    server.close();
    qmp.close();
  }
}

/** Writes what the first to connect sends. Throws STATE_WRITE. */
function receive(server: Server, path: string): Promise<void> {
  const written = new Promise<void>((resolve, reject) => {
    server.once('connection', (connection) =>
      pipeline(connection, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true })).then(
        resolve,
        (error: unknown) => reject(writeError(error, path)),
      ),
    );
  });
  written.catch(() => {}); // It may fail while something else is awaited.
  return written;
}
