import { spawn } from 'node:child_process';

/** Milliseconds that a program takes from its start to its end. Throws when its status is not 0. */
export function timeRun(
  argv: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const [program = '', ...args] = argv;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(performance.now() - started);
      else reject(new Error(`${argv.join(' ')} ended with ${status}:\n${errors}`));
    });
  });
}

/** Milliseconds from a program's start to the first output that contains `text`; then it is killed. */
export function timeToText(argv: readonly string[], text: string): Promise<number> {
  const [program = '', ...args] = argv;
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let ms: number | undefined;
    const look = (chunk: Buffer) => {
      output += chunk.toString('latin1');
      if (ms !== undefined || !output.includes(text)) return;
      ms = performance.now() - started;
      child.kill('SIGKILL');
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.on('error', reject);
    child.on('close', () => {
      if (ms === undefined) reject(new Error(`${program} ended without '${text}':\n${output.slice(-8000)}`));
      else resolve(ms);
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** The smallest value that at least this share (0 to 1) of the values do not pass. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/**
 * Runs all subjects in turn, `rounds` times, so that the machine's moods meet each of them alike. Every other round goes
 * backwards: a QEMU may run a tenth slower whenever the one before it ran fast (docs/backends.md), and subjects that take
 * turns would each always meet the same side.
 */
export async function interleave(
  rounds: number,
  subjects: Record<string, () => Promise<number>>,
): Promise<Record<string, number>> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    const inTurn = Object.entries(subjects);
    for (const [name, subject] of round % 2 === 0 ? inTurn : inTurn.reverse()) {
      const samples = times[name] ?? [];
      samples.push(await subject());
      times[name] = samples;
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, samples]) => [name, median(samples)]));
}
