import { readFileSync } from 'node:fs';
import { type BenchHome, prepareTemplate, wasResumed } from './home.ts';
import { interleave, median, timeRun } from './measure.ts';
import type { Report } from './report.ts';

/** A small command whose kernel work is all new to the guest: five programs, and random numbers. */
const first = [
  'exec',
  '--',
  'sh',
  '-c',
  'for i in 1 2 3 4 5; do cat /proc/uptime; done; head -c 16 /dev/urandom',
];

/** Going on from a template against booting: the whole `dev up -d`, its first command, its memory. */
export async function benchResume(home: BenchHome, report: Report, rounds: number): Promise<void> {
  await prepareTemplate(home);
  const memory: Record<string, number[]> = { resumed: [], booted: [] };
  const commands: Record<string, number[]> = { resumed: [], booted: [] };
  const start = async (how: 'resumed' | 'booted'): Promise<number> => {
    const ms = await home.time(['dev', 'up', '-d', ...(how === 'booted' ? ['--no-template'] : [])]);
    const [vm] = JSON.parse(home.output(['ls', '--json'])) as { pid: number; name: string }[];
    if (vm === undefined || wasResumed(home, vm.name) !== (how === 'resumed'))
      throw new Error(`the VM was not ${how}`);
    commands[how]?.push(await home.time(first));
    memory[how]?.push(pss(vm.pid));
    await home.time(['stop', '--force']);
    return ms;
  };
  const times = await interleave(rounds, {
    node: () => timeRun([process.execPath, '-e', '0']),
    resumed: () => start('resumed'),
    booted: () => start('booted'),
  });
  report.ratio('dev up -d, resumed : booted', times, 'resumed', 'booted', 0.35);
  report.ratio('dev up -d, resumed : node -e 0', times, 'resumed', 'node');
  const firsts = { resumed: median(commands.resumed ?? []), booted: median(commands.booted ?? []) };
  report.ratio('the first command, resumed : booted', firsts, 'resumed', 'booted', 1.3);
  report.share('memory (PSS) after it, resumed : booted', mean(memory.resumed), mean(memory.booted));
}

const mean = (values: readonly number[] = []): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** A process's proportional share of the memory that it uses, in bytes. */
function pss(pid: number): number {
  const kib = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}
