import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../test/mvmctl.ts';
import { endProcess } from '../test/processes.ts';
import { hold, lastError, type SoakHome } from './home.ts';
import type { Soak } from './soak.ts';

const up = ['dev', 'up', '-d', '--json', '--vcpus', '1', '--memory', '192M'];
const write = (value: string) => [
  'exec',
  '--',
  'sh',
  '-c',
  `echo ${value} >/root/new && sync && mv /root/new /root/kept && sync`,
];

/** Seconds that any command may take here. */
const within = 120;

/**
 * mvmctl (`dev up`, `exec`, `dev down`), the VM's QEMU, or both are killed at a random moment. Then no QEMU is left that
 * mvmctl does not know, the next `dev up` ends in one VM that answers, and what was synced in the guest is there.
 */
export const killsSoak: Soak = {
  count: 300,
  async open(home) {
    let kept = '';
    return {
      async round(random, name) {
        if (home.qemus().length === 0 || kept === '') {
          await home.good(up, { within });
          await home.good(write(name), { within });
          kept = name;
        }
        const victim = random.pick(['mvmctl', 'mvmctl', 'vmm', 'both']);
        const action = random.pick<'up' | 'exec' | 'down'>(['up', 'exec', 'down', 'down']);
        if (action === 'up') await home.good(['dev', 'down'], { within });
        const argv = { up, exec: write(`${name}-later`), down: ['dev', 'down'] }[action];
        const moment = Math.round(random.next() * { up: 6000, exec: 1000, down: 3000 }[action]);
        const { status, signal, stderr } = await home.run(argv, {
          within,
          meanwhile: (running) => kill(home, running, victim, moment),
        });
        await known(home);
        await home.good(up, { within });
        await known(home);
        hold(home.qemus().length === 1, `${home.qemus().length} QEMUs run`);
        const { stdout } = await home.good(['exec', '--', 'cat', '/root/kept'], { within });
        const may = action === 'exec' ? [kept, `${name}-later`] : [kept];
        hold(
          may.includes(stdout.trim()),
          `what was synced is lost: '${stdout.trim()}' instead of ${may.join(' or ')}`,
        );
        kept = stdout.trim();
        return `${argv[0]} ${argv[1]}, ${victim} killed after ${moment} ms (${signal ?? status}: ${lastError(stderr)})`;
      },
      evidence(folder) {
        kept = '';
        for (const name of ['console.log', 'vmm.log', 'vm.json', 'boot.json']) {
          const path = join(home.env.MVM_STATE_DIR ?? '', 'vms', vmName(home), name);
          if (existsSync(path)) copyFileSync(path, join(folder, name));
        }
      },
    };
  },
};

const vmName = (home: SoakHome) => home.project.slice(home.project.lastIndexOf('/') + 1);

async function kill(home: SoakHome, running: Running, victim: string, moment: number): Promise<void> {
  await Promise.race([delay(moment, undefined, { ref: false }), running.done]);
  if (victim !== 'vmm') running.kill('SIGKILL');
  if (victim !== 'mvmctl') for (const pid of home.qemus()) endProcess(pid);
}

/** Each QEMU is one that mvmctl lists. */
async function known(home: SoakHome): Promise<void> {
  const { stdout } = await home.good(['ls', '--json'], { within });
  const pids = (JSON.parse(stdout) as { pid: number | null }[]).map(({ pid }) => pid);
  const lost = home.qemus().filter((pid) => !pids.includes(pid));
  hold(lost.length === 0, `QEMUs that mvmctl does not list: ${lost.join(', ')}`);
}
