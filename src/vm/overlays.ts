import { readdir, realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { connectCompanion } from '../companion/client.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { type ChangeOptions, changeOpen } from '../share/overlay/change-open.ts';
import type { Done } from '../share/overlay/changes/shown-change.ts';
import {
  type OpenOverlay,
  type OverlayShare,
  openOverlay,
  overlayShares,
  shareRecord,
  viewOverlay,
} from '../share/overlay/open-overlay.ts';
import type { Names } from '../share/tree/tree.ts';
import type { Vm } from './state/vm.ts';

/** What a VM's guest changed of a folder of the host. */
export interface VmOverlay {
  folder: string;
  share: OverlayShare;
  /** Files and folders of it that a command is about; undefined: all. */
  paths: Names[] | undefined;
}

/**
 * The overlays of a VM that these paths of the host are in.
 * @param paths none: all overlays
 * @throws MvmError FILE_UNUSABLE for one that is in none; VM_BROKEN
 */
export async function findOverlays(vm: Vm, cwd: string, paths: readonly string[]): Promise<VmOverlay[]> {
  const names = await readdir(vm.paths.overlays).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  });
  const found: VmOverlay[] = [];
  for (const name of names.sort()) {
    const folder = join(vm.paths.overlays, name);
    const share = await overlayShares.read(shareRecord(folder));
    if (share !== undefined) found.push({ folder, share, paths: undefined });
  }
  if (paths.length === 0) return found;
  const base = await realpath(cwd);
  for (const path of paths) {
    const full = resolve(base, path);
    const overlay = found.find(({ share }) => full === share.host || full.startsWith(share.host + sep));
    if (overlay === undefined) {
      const folders = found.map(({ share }) => share.host).join(', ');
      throw new MvmError('FILE_UNUSABLE', `${full} is in no folder whose changes '${vm.name}' keeps.`, {
        hint: folders === '' ? 'mvmctl dev up --help   (mount = "overlay")' : `cd ${folders}`,
      });
    }
    const below = Buffer.from(relative(overlay.share.host, full)).toString('latin1');
    overlay.paths = [...(overlay.paths ?? []), below === '' ? [] : below.split(sep)];
  }
  return found.filter((one) => one.paths !== undefined);
}

/** Looks at the changes of an overlay, whoever has it. */
export async function lookAtOverlay<T>(
  { folder, share }: VmOverlay,
  look: (overlay: Pick<OpenOverlay, 'differences' | 'lower' | 'upper'>) => T | Promise<T>,
): Promise<T> {
  const overlay = (await openOverlay(folder, share, 'try')) ?? viewOverlay(folder, share);
  try {
    return await look(overlay);
  } finally {
    await overlay.close();
  }
}

/** Applies or discards changes: by the VM's companion, where that has them. Throws as `apply` of an overlay. */
export async function changeOverlay(
  vm: Vm,
  { folder, share }: VmOverlay,
  options: ChangeOptions,
  signal: AbortSignal,
): Promise<Done> {
  const own = await openOverlay(folder, share, 'try');
  if (own === undefined && vm.boot !== undefined) {
    const companion = await connectCompanion(vm.boot.runtimeDir, signal);
    const { paths, ...rest } = options;
    const request = { ask: 'overlay' as const, guest: share.guest, ...rest };
    if (companion !== undefined)
      return companion
        .overlay(paths === undefined ? request : { ...request, paths: paths.map((path) => [...path]) })
        .finally(companion.close);
  }
  const overlay = own ?? (await openOverlay(folder, share, 'wait'));
  try {
    return changeOpen(overlay, options);
  } finally {
    await overlay.close();
  }
}
