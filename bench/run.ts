/**
 * `npm run bench`: one run, a table. Each row is a ratio of two things measured in turn in this run, or a
 * size, beside its limit. Status 1 where a limit is passed.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultBackend } from '../src/backend/registry.ts';
import { table } from '../src/cli/table.ts';
import { readCpio } from '../src/image/cpio-read.ts';
import { floorInitrd, floorText } from './floor.ts';
import { interleave, timeRun, timeToText } from './measure.ts';

const root = dirname(import.meta.dirname);
const tool = [process.execPath, join(root, 'dist', 'mvmctl.cjs')];
const work = mkdtempSync(join(tmpdir(), 'mvm-bench-'));
const env: NodeJS.ProcessEnv = {
  ...process.env,
  MVM_STATE_DIR: join(work, 'state'),
  MVM_RUNTIME_DIR: join(work, 'run'),
};
const mvmctl = (...args: string[]) => timeRun([...tool, ...args], { cwd: work, env });
const output = (...args: string[]) =>
  execFileSync(tool[0] ?? '', [...tool.slice(1), ...args], {
    cwd: work,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });

interface Row {
  what: string;
  value: string;
  limit: string;
  held: boolean;
}

const rows: Row[] = [];

function ratio(
  what: string,
  times: Record<string, number>,
  subject: string,
  base: string,
  limit: number,
): void {
  const [a = 0, b = 0] = [times[subject], times[base]];
  rows.push({
    what,
    value: `${(a / b).toFixed(2)} × (${Math.round(a)} ms : ${Math.round(b)} ms)`,
    limit: `≤ ${limit} ×`,
    held: a / b <= limit,
  });
}

function size(what: string, value: number, limit: number): void {
  rows.push({
    what,
    value: `${(value / 1e6).toFixed(2)} MB`,
    limit: `≤ ${limit / 1e6} MB`,
    held: value <= limit,
  });
}

/** QEMU as `dev up` starts it, but with the floor's initrd, its console on stdout and no devices. */
async function floorArgv(image: string, vcpus: number, memoryMib: number): Promise<string[]> {
  const probe = await defaultBackend.probe('x86_64', { cacheDir: join(work, 'cache') });
  if (!probe.available) throw new Error(probe.reason);
  const initrd = join(work, 'floor.cpio');
  writeFileSync(initrd, floorInitrd());
  const { argv } = defaultBackend.plan(
    {
      id: '000000000000',
      name: 'floor',
      arch: 'x86_64',
      vcpus,
      memoryMib,
      kernel: join(image, 'kernel'),
      initrd,
      commandLine: '',
      disks: [],
      network: 'none',
      vmDir: work,
      runtimeDir: work,
      ports: 1,
    },
    probe,
  );
  const kept = ['-M', '-accel', '-cpu', '-smp', '-m', '-kernel', '-initrd', '-append'];
  const options = kept.flatMap((name) => [name, argv[argv.indexOf(name) + 1] ?? '']);
  return [
    probe.binary,
    '-nodefaults',
    '-no-user-config',
    '-display',
    'none',
    '-no-reboot',
    '-serial',
    'stdio',
    ...options,
  ];
}

/** Bytes of the initrd without kernel modules. */
function baseInitrdBytes(path: string): number {
  const modules = readCpio(readFileSync(path)).filter((item) => item.path.endsWith('.ko'));
  return statSync(path).size - modules.reduce((sum, item) => sum + item.data.length, 0);
}

const rounds = Number(process.env.MVM_BENCH_ROUNDS) || 7;
try {
  await mvmctl('dev', 'up', '-d');
  const vm = JSON.parse(output('inspect', '--json')) as {
    vcpus: number;
    memoryMib: number;
    accelerator: string;
    boot: { image: string };
    guest: { agentRssKib: number };
  };
  process.stdout.write(`Accelerator: ${vm.accelerator}; ${rounds} rounds, medians.\n`);
  const quick = await interleave(rounds * 3, {
    node: () => timeRun([process.execPath, '-e', '0']),
    ls: () => mvmctl('ls'),
    exec: () => mvmctl('exec', '--', 'true'),
  });
  ratio('mvmctl ls : node -e 0', quick, 'ls', 'node', 2);
  ratio('mvmctl exec -- true : node -e 0', quick, 'exec', 'node', 2.5);
  const idle = JSON.parse(output('inspect', '--json')) as typeof vm;
  size("agent's resident memory, idle guest", idle.guest.agentRssKib * 1024, 12e6);
  size('initrd without modules', baseInitrdBytes(join(vm.boot.image, 'initrd')), 6e6);
  await mvmctl('dev', 'down');
  const floor = await floorArgv(vm.boot.image, vm.vcpus, vm.memoryMib);
  const boots = await interleave(rounds, {
    floor: () => timeToText(floor, floorText),
    async up() {
      const ms = await mvmctl('dev', 'up', '-d');
      await mvmctl('stop', '--force');
      return ms;
    },
  });
  ratio('dev up -d (cached, to ready) : a kernel and one line', boots, 'up', 'floor', 1.3);
} finally {
  try {
    output('dev', 'down', '--force');
  } catch {
    // No VM was left.
  }
  rmSync(work, { recursive: true, force: true });
}
process.stdout.write(
  `${table(
    ['what', 'measured', 'limit', ''],
    rows.map((row) => [row.what, row.value, row.limit, row.held ? 'held' : 'PASSED']),
  )}\n`,
);
process.exitCode = rows.every((row) => row.held) ? 0 : 1;
