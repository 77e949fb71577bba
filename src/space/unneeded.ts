import { unusedMs } from '../state/last-used.ts';
import { lockHolder } from '../state/lock.ts';
import type { Paths } from '../state/paths.ts';
import { type Candidate, kinds } from './candidate.ts';
import { unneededDownloads } from './downloads.ts';
import { unneededImages, unneededKernels } from './images.ts';
import { cacheLeftovers, stateLeftovers } from './leftovers.ts';
import { unneededRecords } from './records.ts';
import { unneededTemplates } from './templates.ts';
import { createMeter } from './tree.ts';

export interface Unneeded extends Candidate {
  /** Allocated. */
  bytes: number;
}

/**
 * What no VM, no build and no running command needs, in the order of `kinds`: all of it is made or fetched again where
 * it is asked for. It leaves out anything that is locked, and anything written or used within the last hour.
 */
export async function findUnneeded(paths: Paths): Promise<Unneeded[]> {
  const candidates = [
    ...(await unneededImages(paths)),
    ...(await unneededKernels(paths)),
    ...(await unneededTemplates(paths)),
    ...(await unneededDownloads(paths)),
    ...(await unneededRecords(paths)),
    ...(await cacheLeftovers(paths)),
    ...(await stateLeftovers(paths)),
  ];
  const measure = createMeter();
  const found: Unneeded[] = [];
  for (const candidate of candidates) {
    if (candidate.lock !== undefined && (await lockHolder(candidate.lock)) !== undefined) continue;
    const { bytes, changedAt } = await measure(candidate.path);
    if (candidate.givenUp !== true && Date.now() - changedAt < unusedMs) continue;
    found.push({ ...candidate, bytes });
  }
  return found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}
