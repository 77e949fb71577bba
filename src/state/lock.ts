import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { identify, type ProcessIdentity } from '../process/identity.ts';
import { awaitChange } from './await-change.ts';
import { type Owner, ownerLives, ownerText, readOwner } from './lock-owner.ts';
import { uniqueSuffix } from './write.ts';

export interface Lock {
  release(): Promise<void>;
}

/** A thief needs microseconds; one whose guard is older was killed at it. In milliseconds. */
const theftMs = 10_000;

/**
 * Removes a dead owner's lock. One thief at a time, who looks again before removing: of two that saw the same
 * dead owner the slower one would else remove the lock that the faster one has made since.
 */
async function steal(path: string, dead: Owner): Promise<void> {
  const guard = `${path}.steal`;
  try {
    writeFileSync(guard, '', { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw writeError(error, guard);
    const found = statSync(guard, { throwIfNoEntry: false });
    if (found !== undefined && Date.now() - found.mtimeMs > theftMs) rmSync(guard, { force: true });
    // There is no event for the end of the other process that takes over the lock, and it is about to end.
    await delay(2);
    return;
  }
  try {
    if (readOwner(path)?.token === dead.token) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

let self: Promise<ProcessIdentity | undefined> | undefined;

/** The locks of this process; undefined before the first. */
let held: Set<() => void> | undefined;

/** Locks are also released when the process ends with process.exit(). */
function heldLocks(): Set<() => void> {
  if (held === undefined) {
    const locks = new Set<() => void>();
    held = locks;
    process.once('exit', () => {
      for (const release of locks) release();
    });
  }
  return held;
}

async function create(path: string): Promise<Lock | undefined> {
  self ??= identify(process.pid);
  const identity = await self;
  const token = uniqueSuffix();
  try {
    // A symbolic link appears with its content, so no reader ever sees half a lock; and a full disk still takes it.
    symlinkSync(ownerText({ pid: process.pid, startTime: identity?.startTime ?? '', token }), path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw writeError(error, path);
  }
  const locks = heldLocks();
  const release = (): void => {
    locks.delete(release);
    try {
      if (readOwner(path)?.token === token) rmSync(path, { force: true });
    } catch {
      // A disk that has become read-only keeps the lock; its owner is dead as soon as we end.
    }
  };
  locks.add(release);
  return { release: async () => release() };
}

/** Takes the lock if it is free or its owner is dead; undefined if a living process holds it. */
export async function tryLock(path: string): Promise<Lock | undefined> {
  for (;;) {
    const lock = await create(path);
    if (lock !== undefined) return lock;
    const owner = readOwner(path);
    if (owner === undefined) continue;
    if (await ownerLives(owner)) return undefined;
    await steal(path, owner);
  }
}

const noRoom: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS']);

/** That the disk took no lock: what must not need one can go on. */
export function isNoRoom(error: unknown): error is MvmError {
  return error instanceof MvmError && noRoom.has(systemCode(error.cause));
}

/** As `tryLock`; where the disk takes no lock and no living process holds it, one that is none. */
export async function tryOrGoOn(path: string, onNone: (why: MvmError) => void): Promise<Lock | undefined> {
  try {
    return await tryLock(path);
  } catch (error) {
    if (!isNoRoom(error)) throw error;
    if ((await lockHolder(path)) !== undefined) return undefined;
    onNone(error);
    return { release: async () => {} };
  }
}

/** The pid of the living process that holds the lock; undefined where it is free. */
export async function lockHolder(path: string): Promise<number | undefined> {
  const owner = readOwner(path);
  return owner !== undefined && (await ownerLives(owner)) ? owner.pid : undefined;
}

export interface AcquireOptions {
  /** For messages: what the lock protects. */
  what: string;
  /** Milliseconds before VM_BUSY; 60,000 unless given. */
  waitMs?: number;
  /** Called once, when it turns out that we have to wait, with the holder's pid. */
  onWait?: (pid: number) => void;
  signal?: AbortSignal;
  /** Called if the disk is too full even for a lock and nobody holds it; the caller then continues without one. */
  orWithout?: (why: MvmError) => void;
}

/**
 * Waits for the lock. Throws VM_BUSY, naming the holder, when it is not free in time; STATE_WRITE, unless `orWithout`
 * is given.
 */
export async function acquireLock(path: string, options: AcquireOptions): Promise<Lock> {
  const deadline = Date.now() + (options.waitMs ?? 60_000);
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    const lock = await (options.orWithout === undefined
      ? tryLock(path)
      : tryOrGoOn(path, options.orWithout)
    ).catch((error: unknown) => {
      throw systemCode(error) === 'ENOENT' ? folderGone(path, error) : error;
    });
    if (lock !== undefined) return lock;
    const pid = readOwner(path)?.pid ?? 0;
    if (!told) options.onWait?.(pid);
    told = true;
    const left = deadline - Date.now();
    if (left <= 0) {
      throw new MvmError(
        'VM_BUSY',
        `Another mvmctl (process ${pid}) is working on ${options.what} (lock ${path}).`,
        {
          hint: `ps -p ${pid}`,
        },
      );
    }
    // A holder that is killed changes no file: its death is only seen by looking again.
    await awaitChange(dirname(path), (file) => file === basename(path), Math.min(left, 1000), options.signal);
  }
}

function folderGone(path: string, cause: unknown): MvmError {
  return new MvmError('STATE_WRITE', `${dirname(path)} is gone: another mvmctl has removed it.`, {
    cause,
    hint: 'the same command again',
  });
}
