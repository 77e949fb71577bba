import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brokenByEmulatorText } from '../src/vm/boot/broken-by-emulator.ts';
import { type Boot, openBoots } from './boots-record.ts';
import { type BenchHome, makeBenchHome, prepareTemplate, root, tool, wasResumed } from './home.ts';

/** Longer than `dev up` itself waits for a guest. A `dev up` that takes longer is killed, in milliseconds. */
const patience = 300_000;

export const bootsUsage =
  'boots --count N [--at-once N] [--busy] [--resume] [--anew]   (the same command again goes on where it was ended)';

/**
 * Boots the default image again and again with `dev up -d`, or with --resume resumes it from a template. Each outcome is kept at once in build/boots/, under what was
 * booted and how: the same command continues from there. The output of `dev up` and the console log of a failed boot are kept next to it.
 * @returns whether none failed or hung
 */
export async function benchBoots(argv: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      count: { type: 'string', default: '100' },
      'at-once': { type: 'string', default: '1' },
      busy: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      anew: { type: 'boolean', default: false },
    },
  });
  const [count, atOnce] = [Number(values.count), Number(values['at-once'])];
  if (!(count > 0) || !(atOnce > 0)) throw new Error(bootsUsage);
  const kind = `${atOnce}-at-once${values.busy ? '-busy' : ''}${values.resume ? '-resumed' : ''}`;
  const dir = join(root, 'build', 'boots', `${whatBoots()}-${kind}`);
  if (values.anew) rmSync(dir, { recursive: true, force: true });
  const boots = openBoots(dir);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.stdout.write(`${dir}: ${boots.all.length} of ${count} boots are there.\n`);
  const home = makeBenchHome();
  if (values.resume) await prepareTemplate(home);
  const loops = values.busy ? busyLoops(availableParallelism()) : [];
  let begun = boots.all.length;
  const slot = async (name: string): Promise<void> => {
    const project = join(home.dir, name);
    mkdirSync(project);
    while (begun < count && !stop.signal.aborted) {
      const n = begun++;
      const boot = await bootOnce(home, project, join(dir, `failed-${n}`), stop.signal, values.resume);
      if (stop.signal.aborted) return;
      boots.add({ n, ...boot });
      process.stdout.write(`${boots.line(count)}\n`);
      await end(home, project, n % 2 === 0);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(atOnce, count) }, (_, i) => slot(`slot-${i}`)));
  } finally {
    for (const loop of loops) loop.kill('SIGKILL');
    home.dispose();
  }
  process.stdout.write(`${kind}: ${boots.summary()}\n`);
  return boots.held();
}

/** The tool and the agent, as a short name. */
function whatBoots(): string {
  const hash = createHash('sha256');
  for (const file of ['dist/main.cjs', 'build/agent/x86_64/init'])
    hash.update(readFileSync(join(root, file)));
  return hash.digest('hex').slice(0, 8);
}

async function bootOnce(
  home: BenchHome,
  project: string,
  kept: string,
  signal: AbortSignal,
  resumes: boolean,
): Promise<Omit<Boot, 'n'>> {
  const { ms, status, said } = await mvmctl(home, project, ['dev', 'up', '-d'], signal);
  const broken = said.includes(brokenByEmulatorText);
  if (status === 0 && resumes && !wasResumed(home, nameOf(project))) return { outcome: 'booted-instead', ms };
  if (status === 0) return { outcome: broken ? 'broken-by-emulator' : 'ready', ms };
  if (!signal.aborted) {
    mkdirSync(kept, { recursive: true });
    writeFileSync(join(kept, 'stderr'), said);
    const vm = join(home.dir, 'state', 'vms', nameOf(project));
    for (const file of ['console.log', 'vmm.log', 'boot.json']) {
      if (existsSync(join(vm, file))) cpSync(join(vm, file), join(kept, file));
    }
  }
  const hung = status === null || said.includes('was not ready after');
  return { outcome: hung ? 'hung' : 'failed', ms };
}

const nameOf = (project: string) => project.slice(project.lastIndexOf('/') + 1);

/** Every other VM powers off on its own, so that disks are found in either state. */
async function end(home: BenchHome, project: string, gently: boolean): Promise<void> {
  const never = new AbortController().signal;
  if (gently && (await mvmctl(home, project, ['dev', 'down'], never)).status === 0) return;
  await mvmctl(home, project, ['stop', '--force'], never);
}

function mvmctl(
  home: BenchHome,
  cwd: string,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<{ ms: number; status: number | null; said: string }> {
  const started = performance.now();
  const [program = '', ...args] = [...tool, ...argv];
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: home.env, stdio: ['ignore', 'ignore', 'pipe'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    const interrupt = () => child.kill('SIGTERM');
    signal.addEventListener('abort', interrupt);
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
      resolve({ ms: performance.now() - started, status, said });
    });
  });
}

/** Processes that each keep a core busy, for as long as this one lives. */
function busyLoops(count: number) {
  const loop = `const of = process.ppid; while (process.ppid === of) for (let i = 0; i < 1e8; i++);`;
  return Array.from({ length: count }, () => spawn(process.execPath, ['-e', loop], { stdio: 'ignore' }));
}
