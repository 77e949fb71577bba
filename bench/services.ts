import { defaultBackend } from '../src/backend/registry.ts';
import { connectChannel } from '../src/guest/channel/connect.ts';
import type { BootStage } from '../src/protocol/fields.ts';
import type { RunningVm } from '../src/vm/state/vm.ts';
import { guestImage, guestName, inGuest } from './guest.ts';
import type { BenchHome } from './home.ts';
import { interleave, median } from './measure.ts';
import type { Report } from './report.ts';

const count = 10;
/** What each of the ten does: it says when it runs, in seconds since 1970, and stays. */
const trivial = 'echo $EPOCHREALTIME >>/run/started; exec sleep 1000';
const bare = `echo $EPOCHREALTIME >/run/begun
for i in ${Array.from({ length: count }, (_, i) => i).join(' ')}; do sh -c '${trivial}' & done
wait
`;
const guest = { env: { PATH: '/usr/bin' }, accessible: true };

/** Ten services started by the agent, compared with the same ten started by a shell script in the same guest. */
export async function benchServices(home: BenchHome, report: Report, rounds: number): Promise<void> {
  const command = ['/bin/sh', '-c', trivial];
  const ten = Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`s${i}`, { command, restart: 'no' }]),
  );
  const script = { bare: { command: ['/bin/sh', '/opt/bare'], restart: 'no' } };
  const supervised = await guestImage(home, 'ten', { verified: false, guest: { ...guest, services: ten } });
  const scripted = await guestImage(home, 'bare', {
    verified: false,
    guest: { ...guest, services: script },
    files: { 'opt/bare': bare },
  });
  const rss: number[] = [];
  const alone: number[] = [];
  const times = await interleave(rounds, {
    agent: () =>
      inGuest(home, supervised, async (vm) => {
        const ms = await untilLast(home, vm);
        rss.push(agentBytes(home));
        return ms;
      }),
    script: () =>
      inGuest(home, scripted, async (vm) => {
        const ms = await untilLast(home, vm);
        alone.push(lastStarted(home) - seconds(home, 'cat /run/begun'));
        return ms;
      }),
  });
  const all = { ...times, alone: median(alone) };
  const what = `${count} services running, from when the root stands`;
  report.ratio(`${what}: by the agent : by a shell script that it runs`, all, 'agent', 'script', 1.5);
  report.ratio('the same by the agent : by the script, from its own first line on', all, 'agent', 'alone');
  report.size(`agent's resident memory, ${count} services`, Math.max(...rss), 16e6);
}

function agentBytes(home: BenchHome): number {
  const text = home.output(['inspect', '--json', guestName]);
  return (JSON.parse(text) as { guest: { agentRssKib: number } }).guest.agentRssKib * 1024;
}

/** Milliseconds from the stage in which the agent starts what the image declares to when the last of the ten ran. */
async function untilLast(home: BenchHome, vm: RunningVm): Promise<number> {
  const last = lastStarted(home);
  const begun = await stageBegan(vm, 'entrypoint');
  return last - bootedAt(home) - begun;
}

/** What a line of shell prints in the guest: seconds, as milliseconds. */
function seconds(home: BenchHome, line: string): number {
  return Number(home.output(['exec', guestName, '--', 'sh', '-c', line])) * 1000;
}

/** When the last of the ten ran, in milliseconds since 1970. */
function lastStarted(home: BenchHome): number {
  const all = `until [ -e /run/started ] && [ "$(wc -l </run/started)" -eq ${count} ]; do sleep 0.2; done`;
  return seconds(home, `${all}; sort -n /run/started | tail -n 1`);
}

/** When the guest's kernel started, in milliseconds since 1970: read where the hundredths of its uptime change. */
function bootedAt(home: BenchHome): number {
  const edge = 'read a _ </proc/uptime; b=$a; while [ $a = $b ]; do read b _ </proc/uptime; done';
  const [now = 0, uptime = 0] = home
    .output(['exec', guestName, '--', 'sh', '-c', `${edge}; echo $EPOCHREALTIME $b`])
    .split(' ')
    .map((text) => Number(text) * 1000);
  return now - uptime;
}

/** When a stage of the boot began, in milliseconds since the kernel started. */
async function stageBegan(vm: RunningVm, stage: BootStage): Promise<number> {
  const guest = {
    key: Buffer.from(vm.boot.key, 'hex'),
    connect: () => defaultBackend.connect(vm.boot.runtimeDir, 'event'),
  };
  for await (const message of await connectChannel(guest, { op: 'boot' })) {
    if (message.type !== 'event' || message.event.event !== 'stage') continue;
    if (message.event.stage === stage) return message.event.uptimeMs;
  }
  throw new Error(`the boot has no stage ${stage}`);
}
