import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { qmpSocket } from '../src/backend/qemu/plan/sockets.ts';
import { connectQmp } from '../src/backend/qemu/run/qmp.ts';
import { portServer, serverPorts, startServerScript } from '../test/vm/port-server.ts';
import { type BenchHome, tool } from './home.ts';
import { interleave } from './measure.ts';
import type { Report } from './report.ts';

const transferBytes = 16 * 2 ** 20;
/** So many at once, and in all. */
const [atOnce, requests] = [8, 200];
const host = '127.0.0.1';

/** Ports of the host, by the guest's. */
type Ports = ReadonlyMap<number, number>;

/**
 * A forwarded port against QEMU's own (`hostfwd`) to the same server in the same VM, and what one costs that is open and
 * never read.
 */
export async function benchPorts(home: BenchHome, report: Report, rounds: number): Promise<void> {
  await home.time(['dev', 'up', '-d']);
  const [name = '', ...args] = tool;
  const inGuest = ['exec', '-i', '--', 'sh', '-c', startServerScript];
  execFileSync(name, [...args, ...inGuest], { cwd: home.dir, env: home.env, input: portServer() });
  const { echo, count, source, deaf, http } = serverPorts;
  const guestPorts = [echo, count, source, deaf, http];
  const ours = forwards(home, guestPorts);
  const qemus = await hostForwards(runtimeDir(home), guestPorts);
  const port = (ports: Ports, guest: number): number => ports.get(guest) ?? 0;
  const measures: [string, (ports: Ports) => Promise<unknown>][] = [
    ['16 MiB out of the guest', (ports) => talk(port(ports, source), `${transferBytes}\n`)],
    ['16 MiB into the guest', (ports) => talk(port(ports, count), Buffer.alloc(transferBytes))],
    [`${requests} requests over kept connections`, (ports) => ask(port(ports, http))],
    [`${requests} connections`, (ports) => dial(port(ports, echo))],
  ];
  for (const [what, measure] of measures) {
    const times = await interleave(rounds, {
      ours: () => timed(() => measure(ours)),
      QEMU: () => timed(() => measure(qemus)),
    });
    report.ratio(`a forwarded port: ${what} : QEMU's hostfwd`, times, 'ours', 'QEMU');
  }
  const out = () => timed(() => talk(port(ours, source), `${transferBytes}\n`));
  const times = await interleave(rounds, {
    alone: out,
    async beside() {
      const stuck = connect({ port: port(ours, deaf), host });
      stuck.on('error', () => {});
      stuck.write(Buffer.alloc(2 ** 20));
      // Until the buffers on its way are full.
      await delay(500);
      try {
        return await out();
      } finally {
        stuck.destroy();
      }
    },
  });
  report.ratio('16 MiB out : beside a connection that nobody reads', times, 'beside', 'alone', 1.11);
  report.size("the companion's memory (PSS)", companionPss(home), 40 * 2 ** 20);
  await home.time(['stop', '--force']);
}

function forwards(home: BenchHome, guestPorts: readonly number[]): Ports {
  const text = home.output(['forward', '-d', '--json', ...guestPorts.map((port) => `0:${port}`)]);
  const made = JSON.parse(text) as { hostPort: number; guestPort: number }[];
  return new Map(made.map(({ hostPort, guestPort }) => [guestPort, hostPort]));
}

/** The same by QEMU itself, which can be told to while it runs. */
async function hostForwards(dir: string, guestPorts: readonly number[]): Promise<Ports> {
  const qmp = await connectQmp(qmpSocket(dir));
  const ports = new Map<number, number>();
  for (const guest of guestPorts) {
    const hostPort = await freePort();
    const line = `hostfwd_add net tcp:${host}:${hostPort}-:${guest}`;
    await qmp.execute('human-monitor-command', { 'command-line': line });
    ports.set(guest, hostPort);
  }
  qmp.close();
  return ports;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, host, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function runtimeDir({ env }: BenchHome): string {
  const run = env.MVM_RUNTIME_DIR ?? '';
  const [id = ''] = readdirSync(run);
  return join(run, id);
}

function companionPss(home: BenchHome): number {
  const [pid] = readlinkSync(join(runtimeDir(home), 'comp.lock')).split(':');
  const kib = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

/** Sends, and reads to the end. */
function talk(port: number, send: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host, allowHalfOpen: true });
    socket.on('end', () => resolve());
    socket.on('error', reject);
    socket.resume();
    socket.end(send);
  });
}

async function ask(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  await many(
    () =>
      new Promise((resolve, reject) => {
        get({ host, port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
      }),
  );
  agent.destroy();
}

const dial = (port: number): Promise<void> => many(() => talk(port, 'x'));

async function many(one: () => Promise<unknown>): Promise<void> {
  let left = requests;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
