import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BenchHome, tool } from './home.ts';
import { interleave } from './measure.ts';
import type { Report } from './report.ts';

const bigBytes = 256 * 2 ** 20;
const smallFiles = 5000;

/** Copies by `cp` against what one does without it: `cat` and `tar` through `exec`. */
export async function benchCp(home: BenchHome, report: Report, asked: number): Promise<void> {
  // Each takes many seconds, of which the start of a process is no part to speak of.
  const rounds = Math.min(asked, 3);
  await home.time(['dev', 'up', '-d']);
  const { dir } = home;
  const [big, back, tree, out] = ['big', 'back', 'tree', 'out'].map((name) => join(dir, name)) as [
    string,
    string,
    string,
    string,
  ];
  writeFileSync(
    big,
    Buffer.alloc(bigBytes, 'no zeros, which would be sent as holes where a file is sparse\n'),
  );
  makeTree(tree);
  const guest = async (script: string): Promise<void> =>
    void (await home.time(['exec', '--', 'sh', '-c', script]));
  /** Each finds the target gone, and the disk at rest. */
  const afresh = async (work: () => Promise<number>, keep = ''): Promise<number> => {
    for (const path of [back, out]) rmSync(path, { recursive: true, force: true });
    mkdirSync(out);
    await guest(`cd /root && rm -rf in out ${keep === '' ? 'big' : ''} && mkdir in out && sync`);
    return work();
  };
  const program = tool.map((word) => `'${word}'`).join(' ');
  const shell = (line: string) => timed(line.replaceAll('mvmctl', program), home);
  const into = await interleave(rounds, {
    cp: () => afresh(() => home.time(['cp', big, ':big'])),
    cat: () => afresh(() => shell(`mvmctl exec -i -- sh -c 'cat > /root/big' < ${big}`)),
  });
  report.ratio('256 MiB into the guest by cp : cat through exec', into, 'cp', 'cat', 1.1);
  const from = await interleave(rounds, {
    cp: () => afresh(() => home.time(['cp', ':big', back]), 'big'),
    cat: () => afresh(() => shell(`mvmctl exec -- cat /root/big > ${back}`), 'big'),
  });
  report.ratio('256 MiB out of the guest by cp : cat through exec', from, 'cp', 'cat', 1.1);
  const small = await interleave(rounds, {
    cp: () => afresh(() => home.time(['cp', '-r', tree, ':in'])),
    tar: () => afresh(() => shell(`tar c -C ${dir} tree | mvmctl exec -i -w /root/in -- tar x`)),
  });
  report.ratio(`${smallFiles} small files into the guest by cp : tar`, small, 'cp', 'tar', 1.2);
  await home.time(['cp', '-r', tree, ':']);
  const smallOut = await interleave(rounds, {
    cp: () => afresh(() => home.time(['cp', '-r', ':tree', out])),
    tar: () => afresh(() => shell(`mvmctl exec -w /root -- tar c tree | tar x -C ${out}`)),
  });
  report.ratio(`${smallFiles} small files out of the guest by cp : tar`, smallOut, 'cp', 'tar', 1.2);
  await home.time(['stop', '--force']);
}

/** Files of 100 to 3,000 bytes, 50 in a folder. */
function makeTree(dir: string): void {
  for (let i = 0; i < smallFiles; i++) {
    const folder = join(dir, `d${Math.floor(i / 50)}`);
    if (i % 50 === 0) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `file-${i}`), `${i} `.repeat(20 + ((i * 37) % 580)));
  }
}

/** Milliseconds of a command line. Throws when its status is not 0. */
function timed(line: string, { dir, env }: BenchHome): Promise<number> {
  const begun = performance.now();
  const errors = openSync(join(dir, 'errors'), 'w');
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', line], { cwd: dir, env, stdio: ['ignore', 'ignore', errors] });
    child.on('error', reject);
    child.on('close', (status) => {
      closeSync(errors);
      if (status === 0) resolve(performance.now() - begun);
      else reject(new Error(`${line} ended with ${status}`));
    });
  });
}
