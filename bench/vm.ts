import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultBackend } from '../src/backend/registry.ts';
import { readCpio } from '../src/image/format/cpio-read.ts';
import { brokenKernel } from '../src/vm/boot/broken-by-emulator.ts';
import { floorInitrd, floorText } from './floor.ts';
import type { BenchHome } from './home.ts';
import { interleave, timeRun, timeToText } from './measure.ts';
import type { Report } from './report.ts';

/** QEMU as `dev up` starts it, with the same machine and memory, but the floor's initrd, its console on stdout and no devices. */
async function floorArgv(
  home: BenchHome,
  image: string,
  vcpus: number,
  memoryMib: number,
): Promise<string[]> {
  const work = home.dir;
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
  const kept = ['-M', '-bios', '-accel', '-cpu', '-smp', '-m', '-object', '-kernel', '-initrd', '-append'];
  const options = argv.flatMap((word, at) => (kept.includes(word) ? [word, argv[at + 1] ?? ''] : []));
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

/** One whose kernel the emulator broke is started again, as `dev up` does it. */
async function timeFloor(argv: readonly string[]): Promise<number> {
  try {
    return await timeToText(argv, floorText);
  } catch (error) {
    if (!(error instanceof Error && brokenKernel.test(error.message))) throw error;
    return timeToText(argv, floorText);
  }
}

/** Bytes of the initrd without kernel modules. */
function baseInitrdBytes(path: string): number {
  const modules = readCpio(readFileSync(path)).filter((item) => item.path.endsWith('.ko'));
  return statSync(path).size - modules.reduce((sum, item) => sum + item.data.length, 0);
}

/** The default image: commands against Node's own start, the boot against a kernel's, what it takes. */
export async function benchVm(home: BenchHome, report: Report, rounds: number): Promise<void> {
  await home.time(['dev', 'up', '-d']);
  const inspect = () =>
    JSON.parse(home.output(['inspect', '--json'])) as {
      vcpus: number;
      memoryMib: number;
      accelerator: string;
      boot: { image: string };
      guest: { agentRssKib: number };
    };
  const vm = inspect();
  process.stdout.write(`Accelerator: ${vm.accelerator}\n`);
  const quick = await interleave(rounds * 3, {
    node: () => timeRun([process.execPath, '-e', '0']),
    ls: () => home.time(['ls']),
    exec: () => home.time(['exec', '--', 'true']),
  });
  report.ratio('mvmctl ls : node -e 0', quick, 'ls', 'node', 2);
  report.ratio('mvmctl exec -- true : node -e 0', quick, 'exec', 'node', 2.5);
  report.size("agent's resident memory, idle guest", inspect().guest.agentRssKib * 1024, 12e6);
  report.size('initrd without modules', baseInitrdBytes(join(vm.boot.image, 'initrd')), 6e6);
  await home.time(['dev', 'down']);
  const floor = await floorArgv(home, vm.boot.image, vm.vcpus, vm.memoryMib);
  const boots = await interleave(rounds, {
    floor: () => timeFloor(floor),
    async up() {
      const ms = await home.time(['dev', 'up', '-d']);
      await home.time(['stop', '--force']);
      return ms;
    },
  });
  report.ratio('dev up -d (cached, to ready) : a kernel and one line', boots, 'up', 'floor', 1.3);
}
