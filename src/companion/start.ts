import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MvmError } from '../errors/mvm-error.ts';
import { spawnDetached } from '../process/spawn-detached.ts';
import { awaitChange } from '../state/await-change.ts';
import { lockHolder } from '../state/lock.ts';
import type { VmPaths } from '../state/paths.ts';
import { type Companion, connectCompanion } from './client.ts';
import { companionFiles, hasWork } from './files.ts';

/** The VM that a companion is of. */
export interface CompanionOf {
  name: string;
  paths: Pick<VmPaths, 'dir' | 'companionLog'>;
  boot: { runtimeDir: string; shares?: readonly unknown[] };
}

/** How long a companion may take to listen, in milliseconds. */
const startMs = 20_000;

/**
 * Without its compiler V8 takes a tenth less memory, of a process that mostly moves buffers, which are outside of V8's heap;
 * it makes no code of what a guest sends, either.
 */
const nodeFlags = ['--jitless', '--max-semi-space-size=1', '--max-old-space-size=256'];

/** Files are served by code that is compiled: a guest waits for each answer. */
const sharingFlags = ['--max-semi-space-size=8', '--max-old-space-size=1024'];

/**
 * Connects to the VM's companion, and starts one where none lives. Throws COMPANION_FAILED, STATE_WRITE.
 * @param signal also ends the connection, whatever it waits for
 * @param onSlow called once for each answer that takes long
 */
export async function ensureCompanion(
  vm: CompanionOf,
  signal: AbortSignal,
  onSlow?: () => void,
): Promise<Companion> {
  const { runtimeDir } = vm.boot;
  const found = await connectCompanion(runtimeDir, signal, onSlow);
  if (found !== undefined) return found;
  const { exited } = await start(vm);
  const failed = exited.then(() => true);
  for (const deadline = performance.now() + startMs; performance.now() < deadline; ) {
    signal.throwIfAborted();
    const over = new AbortController();
    const changed = awaitChange(runtimeDir, (file) => file === 'comp.sock', 1000, over.signal);
    const companion = await connectCompanion(runtimeDir, signal, onSlow);
    if (companion !== undefined) {
      over.abort();
      return companion;
    }
    const hasFailed = await Promise.race([failed, changed.then(() => false)]);
    over.abort();
    // One that found another at work ends at once; that one is about to listen.
    if (hasFailed && (await lockHolder(companionFiles(runtimeDir).lock)) === undefined) break;
    if (hasFailed) await delay(20);
  }
  const last = await connectCompanion(runtimeDir, signal, onSlow);
  if (last !== undefined) return last;
  throw new MvmError('COMPANION_FAILED', `The companion of '${vm.name}' did not start.`, {
    log: vm.paths.companionLog,
    hint: 'the same command again',
  });
}

/**
 * Has whatever is listened on in the guest forwarded from now on, by the companion that lives or by a new one, for which it
 * does not wait. Throws COMPANION_FAILED, STATE_WRITE.
 */
export async function startFollowing(vm: CompanionOf): Promise<void> {
  const { runtimeDir } = vm.boot;
  const found = await connectCompanion(runtimeDir);
  if (found !== undefined) {
    await found.ask({ ask: 'follow' }).finally(found.close);
    return;
  }
  const { readWork, writeWork } = await import('./work.ts');
  await writeWork(runtimeDir, { ...(await readWork(runtimeDir)), follow: true });
  await reviveCompanion(vm);
}

/** What a companion wrote of its end is kept until another one ends. */
function start({ paths, boot }: CompanionOf): ReturnType<typeof spawnDetached> {
  try {
    renameSync(paths.companionLog, `${paths.companionLog}.1`);
  } catch {
    // There was none.
  }
  const program = join(import.meta.dirname, 'companion.cjs');
  // What is meant for mvmctl itself, a debugger's port for example, is not for what outlives it.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawnDetached(
    [process.execPath, ...(boot.shares?.length ? sharingFlags : nodeFlags), program, paths.dir],
    {
      logPath: paths.companionLog,
      cwd: '/',
      env,
    },
  );
}

/**
 * Starts a companion where there is work for one and the one that did it was killed. Costs a VM without work one look; does
 * not wait, and never fails: the next command tries again.
 */
export async function reviveCompanion(vm: CompanionOf): Promise<void> {
  const { runtimeDir } = vm.boot;
  if (!hasWork(runtimeDir)) return;
  try {
    if ((await lockHolder(companionFiles(runtimeDir).lock)) === undefined) await start(vm);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
  }
}
