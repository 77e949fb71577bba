import { renameSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import * as v from 'valibot';
import { type Answer, answerError, maxLine, type Request, requestSchema } from './messages.ts';

/** Does what a command asks. `held` is kept for the connection, whose end ends it. */
export type Handle = (request: Request, connection: Socket) => Promise<Answer>;

/**
 * Listens for commands. The socket appears under its name when it can be connected to, in place of one that a predecessor
 * left. Whoever can reach it, in a folder that is its user's alone, may ask.
 */
export async function serveControl(path: string, handle: Handle): Promise<void> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // followed by 'close'
    let text = '';
    let last: Promise<unknown> = Promise.resolve();
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.length > maxLine) socket.destroy();
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const line = text.slice(0, end);
        text = text.slice(end + 1);
        last = last.then(() => answer(line, socket, handle));
      }
    });
  });
  const temporary = path.replace(/sock$/, 'tmp');
  rmSync(temporary, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: temporary }, resolve);
  });
  renameSync(temporary, path);
}

async function answer(line: string, socket: Socket, handle: Handle): Promise<void> {
  let reply: Answer;
  try {
    reply = await handle(v.parse(requestSchema, JSON.parse(line)), socket);
  } catch (error) {
    reply = { forwards: [], error: answerError(error) };
  }
  if (!socket.destroyed) socket.write(`${JSON.stringify(reply)}\n`);
}
