import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import { mergeLocks, parseFlakeLock, renderLock } from '../../project/flake-lock.ts';
import { lookAt, type Source } from '../../project/source-entry.ts';
import { writeAtomic } from '../../state/write.ts';
import { builderFailed } from '../machine/failure.ts';
import { keepTail } from '../machine/job.ts';
import { flakeArguments, type NixOptions, type NixRun } from '../nix/build.ts';

export interface KeepLockOptions extends Pick<NixOptions, 'run' | 'flake' | 'settings' | 'signal'> {
  source: Source;
  overrides: Readonly<Record<string, string>>;
  emit: Emit;
}

/**
 * Brings the lock file home that Nix made for a build. What the build replaced is not locked: see `mergeLocks`.
 * Returns the source with its new flake.lock; undefined where nothing was written. A project that can't be
 * written to, or whose flake.lock changed meanwhile, keeps what it has, and a line says so.
 */
export async function keepLock(did: NixRun, options: KeepLockOptions): Promise<Source | undefined> {
  const { source, overrides, emit } = options;
  const replaced = Object.keys(overrides);
  if (!locksMore(did, replaced)) return undefined;
  const file = join(source.root, source.subfolder, 'flake.lock');
  const name = posix.join(source.subfolder, 'flake.lock');
  const before = source.entries.find((entry) => entry.path === name);
  const old = before === undefined ? undefined : parseFlakeLock(JSON.parse(await readFile(file, 'utf8')));
  if (before !== undefined && old === undefined) return undefined;
  const locked = parseFlakeLock(await askNix(options));
  const merged = locked === undefined ? undefined : mergeLocks(old, locked, replaced);
  if (merged === undefined) return undefined;
  if (JSON.stringify(lookAt(source.root, name)) !== JSON.stringify(before)) {
    emit({ type: 'note', level: 'warn', text: `${file} changed during the build, and was left as it is.` });
    return undefined;
  }
  try {
    await writeAtomic(file, renderLock(merged));
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    const text = `${error.message} The flake's inputs are not locked.`;
    emit({ type: 'note', level: 'warn', text });
    return undefined;
  }
  const entry = lookAt(source.root, name);
  if (entry === undefined) return undefined;
  const add = before === undefined && source.from === 'git' ? ` To share it: git add ${file}` : '';
  emit({ type: 'note', level: 'info', text: `${file} has been written: it locks the flake's inputs.${add}` });
  const entries = [...source.entries.filter(({ path }) => path !== name), entry];
  return { ...source, entries: entries.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** Whether Nix locked an input that the project's lock does not have, other than those that the build replaced. */
function locksMore({ warnings }: NixRun, replaced: readonly string[]): boolean {
  const ours = new Set(replaced.map((path) => path.split('/')[0] ?? ''));
  return warnings
    .filter(({ text }) => text.includes('not writing modified lock file'))
    .flatMap(({ text }) => [...text.matchAll(/(?:Added|Updated) input '([^'/]+)/g)])
    .some((match) => !ours.has(match[1] ?? ''));
}

async function askNix({ run, flake, signal, ...more }: KeepLockOptions): Promise<unknown> {
  const output: Buffer[] = [];
  const tail = keepTail();
  const status = await run(['nix', 'flake', 'metadata', '--json', flake, ...flakeArguments(more)], {
    onStdout: (chunk) => output.push(chunk),
    onStderr: tail.take,
    signal,
  });
  if (status !== 0) throw builderFailed('Nix could not say what it locked', status, tail.lines(5));
  try {
    return (JSON.parse(Buffer.concat(output).toString('utf8')) as { locks?: unknown }).locks;
  } catch (cause) {
    if (systemCode(cause) !== undefined) throw cause;
    throw new MvmError('BUILDER_FAILED', 'What Nix said about its lock file is not JSON.', { cause });
  }
}
