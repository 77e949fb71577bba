import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { identify, isAlive, parseStat } from './identity.ts';

const tail = `S 1 2 2 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4711 99 0`;

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

describe('parseStat', () => {
  it('counts fields from the last parenthesis, whatever the program calls itself', () => {
    for (const name of ['sh', 'a b', ') R 1 (', '))', 'x) S 9 9']) {
      expect(parseStat(`42 (${name}) ${tail}`)).toEqual({ ended: false, startTicks: '4711' });
    }
  });
  it('takes a killed process as ended only when its last thread is gone', () => {
    const stat = (threads: number) =>
      `42 (qemu) ${tail.replace('S', 'Z').replace(' 20 0 1 ', ` 20 0 ${threads} `)}`;
    expect(parseStat(stat(1))?.ended).toBe(true);
    expect(parseStat(stat(3))?.ended).toBe(false);
  });
  it('gives nothing for text of another shape', () => {
    for (const text of ['', '42', '42 (sh) S 1', '42 (sh) S 1 2 2 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 x 9']) {
      expect(parseStat(text)).toBeUndefined();
    }
  });
});

describe('identify', () => {
  it('gives the same identity for the same process', async () => {
    const first = await identify(process.pid);
    expect(first?.startTime).toMatch(/./);
    expect(await identify(process.pid)).toEqual(first);
  });
  it('gives nothing for a pid that no process has, or that is not one', async () => {
    for (const pid of [0, -1, Number.NaN, 1.5, 2 ** 22 + 1]) expect(await identify(pid)).toBeUndefined();
  });
  it('takes another process with the same pid for another', async () => {
    const self = await identify(process.pid);
    expect(await isAlive({ pid: process.pid, startTime: `${self?.startTime}0` })).toBe(false);
  });
  it.runIf(process.platform === 'linux')('counts a zombie as dead', async () => {
    // `sleep` takes the shell's place and never reaps the shell's child, which thus stays a zombie.
    const script = 'exec 3<&0; (read x <&3) & echo $!; exec sleep 30';
    const parent = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      const child = Number(line.toString());
      await until(async () => (await readFile(`/proc/${parent.pid}/comm`, 'utf8')) === 'sleep\n');
      expect(await identify(child)).toBeDefined();
      parent.stdin.end();
      await until(async () => parseStat(await readFile(`/proc/${child}/stat`, 'utf8'))?.ended === true);
      expect(await identify(child)).toBeUndefined();
    } finally {
      parent.kill('SIGKILL');
    }
  });
});
