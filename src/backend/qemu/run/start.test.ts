import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../backend.ts';
import { start } from './start.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mvm-start-'));
  await mkdir(join(folder, 'run'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const planFor = (script: string): Plan => ({
  argv: ['/bin/sh', '-c', script],
  logPath: join(folder, 'vmm.log'),
  vmDir: folder,
  runtimeDir: join(folder, 'run'),
});

describe('start', () => {
  it("tells QEMU's last words and what they mean when it dies at once", async () => {
    const line = 'qemu: -device virtio-blk-pci: Failed to get "write" lock';
    await expect(start(planFor(`echo '${line}' >&2; exit 1`))).rejects.toMatchObject({
      code: 'BACKEND_FAILED',
      message: expect.stringMatching(/status 1\): another QEMU uses the same disk/),
      details: [line],
      log: join(folder, 'vmm.log'),
    });
  });
  it('tells the signal of a QEMU that was killed while it started', async () => {
    await expect(start(planFor('sleep 0.1; kill -SEGV $$'))).rejects.toThrow(/signal SIGSEGV/);
  });
  it('starts none where one with the same sockets still runs, and leaves its log alone', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('{"QMP":{}}\n');
      socket.on('data', (chunk) => {
        const { id } = JSON.parse(chunk.toString()) as { id: string };
        socket.write(`${JSON.stringify({ return: {}, id })}\n`);
      });
    });
    await new Promise<void>((resolve) => server.listen(join(folder, 'run', 'qmp.sock'), resolve));
    await expect(start(planFor('echo started'))).rejects.toMatchObject({ code: 'VM_RUNNING' });
    await expect(readFile(join(folder, 'vmm.log'))).rejects.toMatchObject({ code: 'ENOENT' });
    server.close();
  });
});
