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

const work = { purpose: 'work' } as const;
const question = { purpose: 'question' } as const;

describe('leasePort', () => {
  it('never gives the same port twice, and gives released ones again', async () => {
    const leases = await Promise.all([1, 2, 3].map(() => leasePort(folder, 4, work)));
    expect(leases.map((lease) => lease.index).sort()).toEqual([0, 1, 2]);
    const released = leases[1];
    await released?.release();
    expect((await leasePort(folder, 4, work)).index).toBe(released?.index);
  });
  it('waits for one where all are taken, and says so once', async () => {
    const held = await leasePort(folder, 2, work);
    let told = 0;
    const waiting = leasePort(folder, 2, { ...work, onWait: () => told++ });
    await expect.poll(() => told, { timeout: 5000 }).toBe(1);
    await held.release();
    expect((await waiting).index).toBe(held.index);
    expect(told).toBe(1);
  });
  it('of forty that want one of three, each gets one in its turn', async () => {
    let atOnce = 0;
    await Promise.all(
      Array.from({ length: 40 }, async () => {
        const lease = await leasePort(folder, 4, work);
        expect(++atOnce).toBeLessThanOrEqual(3);
        await new Promise((resolve) => setTimeout(resolve, 5));
        atOnce--;
        await lease.release();
      }),
    );
  });
  it('keeps one for questions, which take any other where it is taken', async () => {
    for (let i = 0; i < 3; i++) await leasePort(folder, 4, work);
    expect((await leasePort(folder, 4, question)).index).toBe(3);
    const over = AbortSignal.timeout(100);
    await expect(leasePort(folder, 4, { ...question, signal: over })).rejects.toThrow(/timeout/);
    expect((await leasePort(folder, 5, question)).index).toBe(4);
  });
  it('ends the wait with the reason of its signal', async () => {
    await leasePort(folder, 2, work);
    const over = AbortSignal.timeout(50);
    await expect(leasePort(folder, 2, { ...work, signal: over })).rejects.toThrow(/timeout/);
  });
  it('takes over the port of a killed mvmctl', async () => {
    const dead = { pid: process.pid, startTime: 'another process', token: 't' };
    await writeFile(join(folder, '0.lock'), JSON.stringify(dead));
    expect((await leasePort(folder, 1, work)).index).toBe(0);
  });
  it('says that the VM does not run where it has no folder', async () => {
    await expect(leasePort(join(folder, 'gone'), 1, work)).rejects.toMatchObject({ code: 'VM_NOT_RUNNING' });
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
