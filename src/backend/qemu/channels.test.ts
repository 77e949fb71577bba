import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect, leasePort } from './channels.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mvm-ports-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('leasePort', () => {
  it('never gives the same port twice, and gives released ones again', async () => {
    const leases = await Promise.all([1, 2, 3].map(() => leasePort(folder, 3)));
    expect(leases.map((lease) => lease.index).sort()).toEqual([0, 1, 2]);
    const released = leases[1];
    await released?.release();
    expect((await leasePort(folder, 3)).index).toBe(released?.index);
  });
  it('says how many there are when all are taken', async () => {
    await leasePort(folder, 1);
    await expect(leasePort(folder, 1)).rejects.toMatchObject({
      code: 'CHANNELS_BUSY',
      message: expect.stringMatching(/All 1 channels/),
    });
  });
  it('takes over the port of a killed mvmctl', async () => {
    const dead = { pid: process.pid, startTime: 'another process', token: 't' };
    await writeFile(join(folder, '0.lock'), JSON.stringify(dead));
    expect((await leasePort(folder, 1)).index).toBe(0);
  });
  it('says that the VM does not run where it has no folder', async () => {
    await expect(leasePort(join(folder, 'gone'), 1)).rejects.toMatchObject({ code: 'VM_NOT_RUNNING' });
  });
});

describe('connect', () => {
  it("opens the port's socket", async () => {
    const server = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => server.listen(join(folder, '2.sock'), resolve));
    const socket = await connect(folder, 2);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('hello');
    server.close();
  });
  it('says that the VM does not run where nothing listens', async () => {
    await expect(connect(folder, 'event')).rejects.toMatchObject({ code: 'VM_NOT_RUNNING' });
  });
});
