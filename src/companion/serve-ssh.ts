import { renameSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { GuestAccess } from '../guest/channel/connect.ts';
import { runSshServer } from '../guest/ssh.ts';
import { sshFiles } from '../ssh/files.ts';
import { serverKeys } from '../ssh/server-keys.ts';
import { joinSocket } from '../streams/join.ts';
import type { Session } from '../streams/session.ts';
import type { SshWork } from './ssh-work.ts';

/** The way to the guest's SSH server. */
export interface SshDoor {
  /** Has the guest run the server, and listens; where it does already, only what differs is done. */
  open(work: SshWork): Promise<void>;
  /** What was opened. */
  readonly work: SshWork | undefined;
  close(): void;
}

/**
 * A socket on which each connection becomes one to the SSH server in the guest.
 * @param session the guest's, as soon as there is one
 * @param tell a line for the log
 */
export function createSshDoor(
  path: string,
  guest: GuestAccess,
  session: () => Promise<Session>,
  tell: (text: string) => void,
): SshDoor {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let work: SshWork | undefined;

  function connect(socket: Socket): void {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // followed by 'close'
    session().then(
      (open) => {
        if (socket.destroyed) return;
        joinSocket(
          socket,
          (user) => open.open({ to: 'ssh' }, user),
          (code) => tell(`a connection to the guest's SSH server: ${code}`),
        );
      },
      () => socket.destroy(),
    );
  }

  return {
    async open(wanted) {
      const keys = await serverKeys.read(sshFiles(wanted.keys).server);
      if (keys === undefined) throw new Error(`there are no keys in ${wanted.keys}`);
      const { program, digest, env } = wanted;
      await runSshServer(guest, { program, digest, env, ...keys });
      work = wanted;
      server ??= await listen(path, connect);
    },
    get work() {
      return work;
    },
    close() {
      server?.close();
      for (const socket of sockets) socket.destroy();
      rmSync(path, { force: true });
    },
  };
}

/** The socket appears under its name when it can be connected to, in place of one that a predecessor left. */
async function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const temporary = path.replace(/sock$/, 'tmp');
  rmSync(temporary, { force: true });
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: temporary, backlog: 1024 }, resolve);
  });
  renameSync(temporary, path);
  return server;
}
