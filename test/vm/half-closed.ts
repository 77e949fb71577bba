import { connect, createServer } from 'node:net';

/** Sends, ends its direction, and reads to the end: forwards that lose half-closed connections fail here. */
export function talk(to: { port: number } | { path: string }, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const one = connect({ ...to, allowHalfOpen: true });
    let heard = '';
    one.on('data', (bytes) => (heard += bytes));
    one.on('end', () => resolve(heard));
    one.on('error', reject);
    one.end(text);
  });
}

/** A server of this host that answers when its client has ended. */
export async function upperCase(at: { port: number; host: string } | { path: string }): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (one) => {
    let heard = '';
    one.on('data', (bytes) => (heard += bytes));
    one.on('end', () => one.end(heard.toUpperCase()));
  });
  await new Promise<void>((resolve) => server.listen(at, resolve));
  server.unref();
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
