import { MvmError } from '../../../errors/mvm-error.ts';
import { uniqueSuffix } from '../../../state/write.ts';
import type { HostTree } from '../../tree/host-tree.ts';
import type { Attributes, Names } from '../../tree/tree.ts';
import { type Difference, differences } from '../changes/differences.ts';
import { isUntouched, kindOf, lookAt, permissions } from '../lower.ts';
import type { Upper } from '../upper/upper.ts';
import { afterApply } from './after.ts';
import { HostFolder } from './host-folder.ts';
import { type Plan, plan } from './plan.ts';
import { writeRecord } from './record.ts';
import { recover } from './recover.ts';
import { select } from './select.ts';
import { Staging } from './staging.ts';
import { isEmptyFolder, make, type Step, syncFolder } from './steps.ts';

/** Overlay of a folder of the host. */
export interface Overlay {
  /** The path of that folder. */
  root: string;
  lower: HostTree;
  upper: Upper;
}

export interface ApplyOptions {
  /** Files and folders of the share; undefined: all. */
  paths: readonly Names[] | undefined;
  /** What is not brought to the host unless it is asked for. */
  isProtected: (path: Names) => boolean;
  includeProtected: boolean;
  /** For tests: called before each thing that is done. */
  at?: (point: string) => void;
}

export interface Applied {
  /** What is on the host now. */
  applied: readonly Difference[];
  /** What is not, since it is protected. */
  kept: readonly Difference[];
}

const touches = ({ path, from }: Difference, is: (path: Names) => boolean): boolean =>
  is(path) || (from !== undefined && is(from));

/**
 * Brings changes to the host: all of them or, where one can't be made or the process is killed, none.
 * @throws MvmError CHANGES_CONFLICT, CHANGES_PROTECTED, STATE_WRITE; the system's errors
 */
export function apply(overlay: Overlay, options: ApplyOptions): Applied {
  const { root, lower, upper } = overlay;
  const { at = () => {} } = options;
  const found = differences(lower, upper);
  const isProtected = (one: Difference) => !options.includeProtected && touches(one, options.isProtected);
  const selection = select(found, upper.model, options.paths, (one) => !isProtected(one));
  const kept = found.list.filter(
    (one) => isProtected(one) && (options.paths === undefined || selectable(one, options.paths)),
  );
  const needed = selection.list.filter(isProtected);
  if (needed.length > 0) throw protectedError(needed);
  const conflicts = selection.list.filter(({ conflict }) => conflict !== undefined);
  if (conflicts.length > 0) throw conflictError(conflicts);
  const planned = plan(lower, upper.model, found, selection);
  if (selection.items.size === 0 && selection.gone.size === 0) return { applied: [], kept };
  const name = uniqueSuffix();
  const host = new HostFolder(root);
  const staging = new Staging(host, name);
  try {
    writeRecord(upper.path, { name, staging: staging.name, steps: [] });
    at('stage');
    staging.create();
    const steps = stepsOf(planned, host, staging, overlay);
    staging.sync();
    at('record');
    writeRecord(upper.path, { name, staging: staging.name, steps });
    const before = new Map(planned.outs.map(({ key, found: one }) => [key, one]));
    const moved = new Set(steps.flatMap((step) => (step.do === 'in' ? [step.from] : [])));
    for (const [index, step] of steps.entries()) {
      at(`step ${index} ${step.do}`);
      make(host, step);
      if (step.do === 'out') checkOut(host, lower, step, before.get(step.from), moved.has(step.to));
    }
    at('sync');
    for (const key of foldersOf(steps)) syncFolder(host, key);
    at('commit');
    lower.forget();
    const identities = new Map(
      planned.ins.flatMap(({ to }) => {
        const attributes = lookAt(lower, to);
        return attributes === undefined ? [] : [[to, attributes] as const];
      }),
    );
    upper.replace(afterApply(upper, lower, selection, identities, name));
  } catch (error) {
    host.close();
    if (error instanceof Killed) throw error;
    const left = recover(overlay);
    if (left.length === 0) throw error;
    throw new MvmError(
      'STATE_WRITE',
      `The changes were taken back, but other files have come to places that they had: ${left.join(', ')} have what was there before.`,
      { cause: error, hint: 'mvmctl changes' },
    );
  }
  at('tidy');
  host.close();
  recover(overlay, at);
  return { applied: selection.list, kept };
}

/** What stands for a kill, in tests. */
export class Killed extends Error {}

function selectable(one: Difference, paths: readonly Names[]): boolean {
  return paths.some((path) => path.every((name, index) => one.path[index] === name));
}

function stepsOf(
  { outs, ins, links, modes }: Plan,
  host: HostFolder,
  staging: Staging,
  { lower, upper }: Overlay,
): Step[] {
  const steps: Step[] = [];
  const aside = new Map<string, { at: string; id: string }>();
  for (const { key, found } of outs) {
    const to = staging.aside();
    aside.set(key, { at: to, id: found.identity });
    steps.push({ do: 'out', from: key, to, id: found.identity });
  }
  const placed = new Map<string, string>();
  const put = (
    to: string,
    from: string,
    isFolder: boolean,
    isNew: boolean,
    id = host.identity(from) ?? '',
  ): void => {
    placed.set(to, id);
    steps.push({ do: 'in', from, to, id, isFolder, isNew });
  };
  for (const one of ins) {
    if (one.is === 'moved') {
      const source = aside.get(one.origin);
      if (source === undefined) throw new Error(`${one.origin} is not there`);
      put(one.to, source.at, one.isFolder, false, source.id);
    } else if (one.is === 'folder') put(one.to, staging.folder(one.mode), true, true);
    else put(one.to, staging.file(upper.contents, one.item.node), false, true);
  }
  // What stays in a folder that moves is in another place by then.
  for (const { from, place, to } of links) {
    const id = placed.get(from) ?? host.identity(place) ?? '';
    steps.push({ do: 'link', from, to, id });
  }
  for (const { key, place, mode } of modes) {
    const before = lookAt(lower, place)?.mode ?? 0;
    const id = placed.get(key) ?? host.identity(place) ?? '';
    steps.push({ do: 'mode', at: key, id, from: before & permissions, to: mode });
  }
  return steps;
}

/** What came to a place since it was looked at is nothing that may be replaced. */
function checkOut(
  host: HostFolder,
  lower: HostTree,
  { from, to, id }: Step & { do: 'out' },
  before: Attributes | undefined,
  isMoved: boolean,
): void {
  const after = lookAt(lower, to);
  if (before === undefined || after === undefined) return;
  const isSame =
    kindOf(before.mode) === 'folder'
      ? after.identity === id && (isMoved || isEmptyFolder(host, to))
      : isUntouched({ ...after, ctimeNs: before.ctimeNs }, { ...before, digest: undefined });
  if (isSame) return;
  throw new MvmError(
    'CHANGES_CONFLICT',
    `${text([from])} was changed on the host while changes were applied.`,
    {
      hint: 'mvmctl changes',
    },
  );
}

function foldersOf(steps: readonly Step[]): Set<string> {
  const above = (key: string): string => key.slice(0, Math.max(0, key.lastIndexOf('/')));
  return new Set(steps.flatMap((step) => (step.do === 'in' || step.do === 'link' ? [above(step.to)] : [])));
}

const words = {
  changed: 'changed',
  removed: 'removed',
  created: 'made',
  replaced: 'replaced by something else',
};

function conflictError(conflicts: readonly Difference[]): MvmError {
  const lines = conflicts.map(
    ({ path, from, conflict = 'changed' }) =>
      `${text(from ?? path)}: ${words[conflict]} on the host meanwhile`,
  );
  const many = conflicts.length === 1 ? 'One change is' : `${conflicts.length} changes are`;
  return new MvmError(
    'CHANGES_CONFLICT',
    `${many} of files that the host changed meanwhile; nothing was applied.`,
    {
      details: lines,
      hint: 'mvmctl changes   (then mvmctl apply PATH… for the others, or mvmctl discard PATH… for these)',
    },
  );
}

function protectedError(needed: readonly Difference[]): MvmError {
  return new MvmError(
    'CHANGES_PROTECTED',
    `${needed.map(({ path }) => text(path)).join(', ')}: protected, since the host runs or reads such files by itself; nothing was applied.`,
    {
      hint: 'mvmctl apply --include-protected',
    },
  );
}

const text = (path: Names): string => Buffer.from(path.join('/'), 'latin1').toString();
