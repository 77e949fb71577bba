import { open, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { MvmError, systemCode } from '../../../errors/mvm-error.ts';
import { type Exit, spawnDetached } from '../../../process/spawn-detached.ts';
import { terminate } from '../../../process/terminate.ts';
import { watchFolder } from '../../../state/watch-folder.ts';
import type { Plan, Started } from '../../backend.ts';
import { qmpSocket } from '../plan/sockets.ts';
import { explain } from './explain.ts';
import { connectQmp, type Qmp } from './qmp.ts';
import { load } from './saved-state.ts';

/** From QEMU's start to its main loop; 0.1 s on an idle machine. */
const startTimeoutMs = 20_000;

/** The end of a log, at most `lines` lines. */
export async function lastLines(path: string, lines: number): Promise<string[]> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 16_384);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.toString('utf8', 0, bytesRead).trimEnd();
    return text === '' ? [] : text.split('\n').slice(-lines);
  } finally {
    await file.close();
  }
}

async function died(plan: Plan, exit: Exit): Promise<MvmError> {
  const lines = await lastLines(plan.logPath, 10);
  const how = exit.signal === undefined ? `status ${exit.status}` : `signal ${exit.signal}`;
  const { text, hint } = explain(lines.join('\n'));
  return new MvmError('BACKEND_FAILED', `QEMU ended right after it started (${how})${text}.`, {
    details: lines,
    log: plan.logPath,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Connects as soon as QEMU listens. */
async function firstQmp(plan: Plan, signal: AbortSignal): Promise<Qmp> {
  const path = qmpSocket(plan.runtimeDir);
  let wake: () => void = () => {};
  const watcher = watchFolder(plan.runtimeDir, () => wake());
  signal.addEventListener('abort', () => wake(), { once: true });
  try {
    for (;;) {
      // Made before the attempt, so that a file which appears during it is not missed.
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        return await connectQmp(path, startTimeoutMs);
      } catch (error) {
        const code = systemCode(error);
        // Between bind, which makes the file, and listen there is a moment without an event.
        if (code === 'ECONNREFUSED') await delay(2);
        else if (code === 'ENOENT') await changed;
        else throw error;
      }
      signal.throwIfAborted();
    }
  } finally {
    watcher.close();
  }
}

/**
 * A socket left by a killed QEMU would be mistaken for the new one's; one that answers belongs to a QEMU that
 * still runs. Throws VM_RUNNING for that.
 */
async function clearSocket(runtimeDir: string): Promise<void> {
  const path = qmpSocket(runtimeDir);
  try {
    (await connectQmp(path, 1000)).close();
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') return;
    if (code === 'ECONNREFUSED') return rm(path, { force: true });
    // Something listens but does not speak QMP in time: a QEMU that hangs.
  }
  throw new MvmError('VM_RUNNING', `A QEMU process is still using the sockets in ${runtimeDir}.`, {
    hint: 'mvmctl ls',
  });
}

/**
 * Starts QEMU and resolves when its machine is built and its control socket answers. Throws BACKEND_FAILED
 * with the log's last lines when it ends before, or takes more than 20 seconds; VM_RUNNING when one of this
 * VM runs already.
 */
export async function start(plan: Plan): Promise<Started> {
  await clearSocket(plan.runtimeDir);
  const { identity, exited } = await spawnDetached(plan.argv, { logPath: plan.logPath, cwd: plan.vmDir });
  if (identity === undefined) throw await died(plan, await exited);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), startTimeoutMs);
  const listening = firstQmp(plan, over.signal);
  listening.catch(() => {}); // Judged below; a QEMU that died is told by its exit.
  try {
    const qmp = await Promise.race([
      listening,
      exited.then(async (exit) => Promise.reject(await died(plan, exit))),
    ]);
    try {
      if (plan.load !== undefined) await load(qmp, plan.runtimeDir, plan.load);
    } finally {
      qmp.close();
    }
    return { identity, exited };
  } catch (error) {
    await terminate(identity, { graceMs: 0 });
    // A QEMU that dies closes its control socket first; the exit has the better story.
    if (!over.signal.aborted) throw await betterStory(plan, exited, error);
    throw new MvmError('BACKEND_FAILED', 'QEMU started, but its control socket did not answer.', {
      cause: error,
      details: await lastLines(plan.logPath, 10),
      log: plan.logPath,
    });
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

async function betterStory(plan: Plan, exited: Promise<Exit>, error: unknown): Promise<unknown> {
  const exit = await exited;
  // KILL was ours.
  return exit.signal === 'SIGKILL' ? error : died(plan, exit);
}
