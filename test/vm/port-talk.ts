import { connect, createServer, type Server } from 'node:net';

export interface Talk {
  bytes: number;
  text: string;
  /** `ECONNRESET` and the like. */
  error?: string;
}

/** Sends, ends its direction, and reads what comes until the other side ends. */
export function talk(port: number, send: string | Buffer, host = 'localhost'): Promise<Talk> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, allowHalfOpen: true });
    const result: Talk = { bytes: 0, text: '' };
    socket.on('data', (chunk: Buffer) => {
      result.bytes += chunk.length;
      if (result.bytes < 10_000) result.text += chunk.toString('latin1');
    });
    socket.on('end', () => resolve(result));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve({ ...result, error: error.code ?? '?' }));
    socket.end(send);
  });
}

/** A port of this host, and who has it. */
export async function free(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server };
}
