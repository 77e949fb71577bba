import { existsSync } from 'node:fs';
import { copyTree, type Totals } from '../../copy/copy.ts';
import { openGuestSource } from '../../copy/guest-source.ts';
import { openGuestTarget } from '../../copy/guest-target.ts';
import { openLocalSource } from '../../copy/local-source.ts';
import { openLocalTarget } from '../../copy/local-target.ts';
import { checkPlaces, type Place, parsePlace } from '../../copy/place.ts';
import type { OnSkipped, Source, Target } from '../../copy/source.ts';
import { streamSource, streamTarget } from '../../copy/stream.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { shellWord } from '../../errors/shell-word.ts';
import type { GuestAccess } from '../../guest/channel/connect.ts';
import { guestAccess } from '../../vm/condition/guest.ts';
import { requireAccessible } from '../../vm/images/accessible.ts';
import { findRunningVm } from '../../vm/state/find.ts';
import type { Context } from '../context.ts';
import { showCopying } from '../render/copying.ts';

/** One side of a copy, with the guest that it is in. */
interface End extends Place {
  guest?: GuestAccess;
  /** As it is shown. */
  words: string;
}

/**
 * Copies a file or a tree between this host and VMs, with its progress on a terminal.
 * @throws MvmError USAGE, VM_NOT_FOUND, VM_NOT_RUNNING, SEALED, and what `copyTree` throws
 */
export async function copyPlaces(
  context: Context,
  from: string,
  to: string,
  recursive: boolean,
): Promise<void> {
  const places = [parsePlace(from), parsePlace(to)] as const;
  checkPlaces(...places);
  const [source, target] = [await findEnd(context, places[0], from), await findEnd(context, places[1], to)];
  const shown = showCopying(context, `Copying ${source.words} to ${target.words}`, target.kind === 'stream');
  const opened = await openSource(context, source, recursive, shown.onSkipped, () =>
    folderRefused(source, from, to),
  );
  try {
    if (opened.kind === 'folder' && target.kind === 'stream') throw streamRefused(source);
    const end = await openTarget(context, target, source, opened);
    await refuseItself(source, target, opened, end);
    const { onSkipped } = shown;
    await shown.during(opened.size, (onProgress: (totals: Totals) => void) =>
      copyTree(opened, end, { onProgress, onSkipped, onlyFile: !recursive, signal: context.signal }),
    );
  } finally {
    await opened.close();
  }
}

async function findEnd(context: Context, place: Place, word: string): Promise<End> {
  if (place.kind !== 'guest') return { ...place, words: place.kind === 'stream' ? 'the stream' : word };
  try {
    const vm = await findRunningVm(context.paths, context.cwd, place.vm);
    requireAccessible(vm, 'cp');
    return { ...place, guest: guestAccess(vm, context.emit), words: `${vm.name}:${place.path}` };
  } catch (error) {
    if (!(error instanceof MvmError) || error.code !== 'VM_NOT_FOUND' || !existsSync(word)) throw error;
    const { code, message, hint } = error;
    throw new MvmError(code, message, {
      cause: error,
      details: [`The file of this host is written ./${word}`],
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

async function openSource(
  context: Context,
  { kind, guest, path, slash }: End,
  recursive: boolean,
  onSkipped: OnSkipped,
  refused: () => MvmError,
): Promise<Source> {
  const { signal, stdin } = context;
  if (guest !== undefined) return openGuestSource(guest, path, recursive, refused, signal);
  if (kind === 'stream') return streamSource(stdin, signal);
  return openLocalSource(path, { slash, recursive, onSkipped, signal }, refused);
}

async function openTarget(context: Context, to: End, { name }: End, source: Source): Promise<Target> {
  const { signal } = context;
  const { kind } = source;
  if (to.guest !== undefined)
    return openGuestTarget(to.guest, { path: to.path, slash: to.slash, name, kind, signal });
  if (to.kind === 'stream') return streamTarget(context.stdout, signal);
  return openLocalTarget(to.path, to.slash, name);
}

/** A folder that is copied into itself would have no end. */
async function refuseItself(from: End, to: End, source: Source, target: Target): Promise<void> {
  if (from.guest?.name !== to.guest?.name || source.real === undefined || target.real === undefined) return;
  const inside = source.real === '/' ? '/' : `${source.real}/`;
  if (target.real !== source.real && !(source.kind === 'folder' && target.real.startsWith(inside))) return;
  await target.close();
  throw new MvmError('USAGE', `Can't copy ${from.words} to ${to.words}: it is the same, or in it.`);
}

function folderRefused({ words }: End, from: string, to: string): MvmError {
  return new MvmError('USAGE', `${words} is a folder.`, {
    hint: `mvmctl cp -r ${shellWord(from)} ${shellWord(to)}`,
  });
}

function streamRefused({ guest, path }: End): MvmError {
  const hint = `mvmctl exec ${guest?.name} -- tar c -C ${shellWord(path === '' ? '/root' : path)} .`;
  return new MvmError('USAGE', 'A folder has no stream: - takes a file.', { hint });
}
