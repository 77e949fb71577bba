import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchHome } from './home.ts';
import type { Report } from './report.ts';

/** A boot's last work (discarding blocks, the journal's commit) is over by then, in milliseconds. */
const settle = 20_000;
const watched = 40_000;

/** What an idle VM costs: the default image, with nobody attached to its console. */
export async function benchIdle(home: BenchHome, report: Report): Promise<void> {
  await home.time(['dev', 'up', '-d']);
  const [vm] = JSON.parse(home.output(['ls', '--json'])) as { pid: number }[];
  const pid = vm?.pid ?? 0;
  await delay(settle);
  const [before, from] = [cpuTime(pid), performance.now()];
  await delay(watched);
  const used = (cpuTime(pid) - before) / (performance.now() - from);
  report.cpu('a VM at rest', used, 0.01);
  await home.time(['stop', '--force']);
}

/** Milliseconds that all threads of a process ran. Clock ticks (/proc/PID/stat) are too coarse for one that hardly does. */
function cpuTime(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ran = (thread: string) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  return threads.reduce((sum, thread) => sum + ran(thread), 0) / 1e6;
}
