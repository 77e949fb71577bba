import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectQmp } from './qmp.ts';

let folder: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mvm-qmp-'));
});
afterEach(async () => {
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

type Command = { execute: string; arguments?: unknown; id: string };

/** A QEMU that greets and then does with each command what `answer` says. */
async function fake(
  answer: (socket: Socket, command: Command) => void,
  greeting = '{"QMP":{"version":{},"capabilities":[]}}\r\n',
): Promise<string> {
  const path = join(folder, 'qmp.sock');
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write(greeting);
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const command = JSON.parse(line) as Command;
        if (command.execute === 'qmp_capabilities') reply(socket, { return: {}, id: command.id });
        else answer(socket, command);
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(path, resolve));
  return path;
}

function reply(socket: Socket, value: unknown): void {
  socket.write(`${JSON.stringify(value)}\r\n`);
}

describe('connectQmp', () => {
  it('matches answers to commands by id, in any order, and tells events apart', async () => {
    const held: Command[] = [];
    const path = await fake((socket, command) => {
      held.push(command);
      if (held.length < 2) return;
      reply(socket, { event: 'RESUME', data: { a: 1 }, timestamp: {} });
      for (const one of held.reverse()) reply(socket, { return: one.execute, id: one.id });
    });
    const qmp = await connectQmp(path);
    const events: unknown[] = [];
    qmp.onEvent((event) => events.push(event));
    expect(await Promise.all([qmp.execute('one'), qmp.execute('two')])).toEqual(['one', 'two']);
    expect(events).toEqual([{ event: 'RESUME', data: { a: 1 } }]);
    qmp.close();
  });
  it("gives QEMU's own words for a refused command", async () => {
    const path = await fake((socket, { id }) =>
      reply(socket, { error: { class: 'X', desc: 'no such thing' }, id }),
    );
    const qmp = await connectQmp(path);
    await expect(qmp.execute('odd')).rejects.toThrow(/no such thing/);
    qmp.close();
  });
  it('fails what waits when QEMU goes away, and says so through `closed`', async () => {
    const path = await fake((socket) => socket.destroy());
    const qmp = await connectQmp(path);
    await expect(qmp.execute('quit')).rejects.toMatchObject({ code: 'BACKEND_FAILED' });
    await qmp.closed;
    await expect(qmp.execute('quit')).rejects.toThrow(/closed/);
  });
  it('gives up on a QEMU that does not answer', async () => {
    const qmp = await connectQmp(await fake(() => {}));
    await expect(qmp.execute('stop', {}, 20)).rejects.toThrow(/no answer to stop within 20 ms/);
    qmp.close();
  });
  it.each([
    ['no JSON', 'what is this\n'],
    ['JSON that is no object', '[1]\n'],
    ['an endless line', 'x'.repeat(3 * 1024 * 1024)],
  ])('refuses %s', async (_name, greeting) => {
    const path = await fake(() => {}, greeting);
    await expect(connectQmp(path, 5000)).rejects.toMatchObject({ code: 'BACKEND_FAILED' });
  });
  it("passes the socket's own error where nothing listens", async () => {
    await expect(connectQmp(join(folder, 'none.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
