import { closeSync, ftruncateSync, writeSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import type { Names, Tree } from '../tree/tree.ts';

/** Numbers from 0 up to below `below`, the same ones for the same seed (mulberry32). */
export function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const names = ['a', 'b', 'c', 'd', 'e e', '\xc3\xa9', '\xff'];

/** An operation that any tree can be asked for; gives what became of it. */
export type Operation = (tree: Tree) => string;

export function randomOperation(next: (below: number) => number): { text: string; operation: Operation } {
  const path = (): Names => Array.from({ length: 1 + next(3) }, () => names[next(names.length)] ?? 'a');
  const [a, b] = [path(), path()];
  const content = Buffer.alloc(1 + next(300), 97 + next(26));
  const mode = [0o644, 0o600, 0o755, 0o4755, 0o444][next(5)] ?? 0o644;
  const at = next(200);
  const all: [string, (tree: Tree) => void][] = [
    ['create', (tree) => using(tree.create(a, mode), (fd) => writeSync(fd, content))],
    ['create', (tree) => using(tree.create(a, mode), (fd) => writeSync(fd, content))],
    ['makeFolder', (tree) => tree.makeFolder(a, 0o755)],
    ['makeFolder', (tree) => tree.makeFolder(a, 0o700)],
    ['makeLink', (tree) => tree.makeLink(a, Buffer.from(`to ${b.length}`))],
    ['link', (tree) => tree.link(a, b)],
    ['rename', (tree) => tree.rename(a, b, false)],
    ['rename', (tree) => tree.rename(a, b, false)],
    ['rename', (tree) => tree.rename(a, b, false)],
    ['keep', (tree) => tree.rename(a, b, true)],
    ['remove', (tree) => tree.remove(a)],
    ['remove', (tree) => tree.remove(a)],
    ['removeFolder', (tree) => tree.removeFolder(a)],
    ['setMode', (tree) => tree.setMode(a, mode)],
    [
      'setTimes',
      (tree) => tree.setTimes(a, { atimeNs: 1_000_000_000n, mtimeNs: BigInt(at) * 1_000_000_000n }),
    ],
    ['write', (tree) => using(tree.open(a, 'write'), (fd) => writeSync(fd, content, 0, content.length, at))],
    ['write', (tree) => using(tree.open(a, 'write'), (fd) => writeSync(fd, content, 0, content.length, at))],
    ['cut', (tree) => using(tree.open(a, 'write'), (fd) => ftruncateSync(fd, at))],
  ];
  const [what, run] = all[next(all.length)] ?? ['', () => {}];
  return {
    text: `${what} ${a.join('/')} ${b.join('/')}`,
    operation(tree) {
      try {
        run(tree);
        return 'done';
      } catch (error) {
        const code = systemCode(error);
        if (code === undefined) throw error;
        return code;
      }
    },
  };
}

function using(fd: number, run: (fd: number) => void): void {
  try {
    run(fd);
  } finally {
    closeSync(fd);
  }
}
