import { closeSync, constants } from 'node:fs';
import { systemError } from '../tree/system-error.ts';
import type { Attributes, Names } from '../tree/tree.ts';
import { adopt, walk } from './adopt.ts';
import { harmIn, readToCheck, writeNew } from './change-config.ts';
import { checkOf } from './content-checks.ts';
import type { InGit } from './git-folders.ts';
import { isCommonDirName, isSample } from './git-place.ts';
import { climbs, parseGitFile } from './gitfile.ts';
import type { Guard } from './guard.ts';
import { isFile, readIfThere, statIfThere } from './read.ts';

/**
 * Checks the renaming of what is no folder. Does it where the bytes are checked and put into a new file.
 *
 * @returns whether it is done
 */
export function moveFile(guard: Guard, from: Names, to: Names, found: Attributes, keep: boolean): boolean {
  if (!guard.isFree(from, 'rename')) {
    if (from.at(-1) === '.git' || isCommonDirName(from)) guard.refuse(from, 'rename');
    for (const { place } of guard.folders.above(from, false))
      if (['config', 'never', 'structure'].includes(place) || (place === 'hook' && !isSample(from)))
        guard.refuse(from, 'rename');
  }
  if (guard.isFree(to, 'rename')) return false;
  if (to.at(-1) === '.git' || isCommonDirName(to) || guard.isLinkInGit(from, to)) guard.refuse(to, 'rename');
  for (const inGit of guard.folders.above(to, false)) {
    if (inGit.place === 'config' || inGit.place === 'todo' || inGit.place === 'strategy') {
      if (!isFile(found)) guard.refuse(to, 'rename');
      if (keep && statIfThere(guard.tree, to) !== undefined) throw systemError('EEXIST', 'rename');
      if (inGit.place === 'config') changeConfig(guard, from, to, found, inGit);
      else changeContent(guard, from, to, found, inGit);
      return true;
    }
    const isNew = inGit.place === 'once' && statIfThere(guard.tree, to) === undefined;
    if (!isNew && !(inGit.place === 'hook' && isSample(to))) guard.refuse(to, 'rename');
  }
  guard.adoptFor(to, 'rename');
  return false;
}

/** As git changes a configuration: it writes `config.lock`, and renames that. */
function changeConfig(guard: Guard, from: Names, to: Names, found: Attributes, { git, inner }: InGit): void {
  const isGits = inner.length === 1 && from.join('/') === [...git, `${inner[0]}.lock`].join('/');
  if (!isGits) guard.refuse(to, 'rename');
  const bytes = readToCheck(guard.tree, from);
  const before = readIfThere(guard.tree, to);
  if (before === undefined && statIfThere(guard.tree, to) !== undefined) guard.refuse(to, 'rename');
  const harm = harmIn(before, bytes, git, guard.options.guestRoot);
  if (harm !== undefined) guard.refuse(to, `set ${harm} in`);
  writeNew(guard.tree, to, bytes, found, guard.stands);
  guard.tree.remove(from);
}

/** Where it is harmful, only the guest has it. */
function changeContent(guard: Guard, from: Names, to: Names, found: Attributes, { place }: InGit): void {
  const bytes = readToCheck(guard.tree, from);
  const check = checkOf(place);
  guard.checked.forget(from);
  guard.checked.forget(to);
  if (check(bytes)) writeNew(guard.tree, to, bytes, found, guard.stands);
  else {
    if (statIfThere(guard.tree, to) === undefined) closeSync(guard.tree.create(to, found.mode & 0o666));
    guard.checked.put(to, bytes, check);
  }
  guard.tree.remove(from);
}

/**
 * Checks the renaming of a folder: all that is in it must be as protected in its new place as it was, and git must not find what it
 * did not find before.
 */
export function moveFolder(guard: Guard, from: Names, to: Names): void {
  const { folders, options } = guard;
  const [isFromFree, isToFree] = [guard.isFree(from, 'rename'), guard.isFree(to, 'rename')];
  if (isFromFree && isToFree) return;
  const refuse = (): never => guard.refuse(from, 'rename');
  if (isCommonDirName(to) || folders.isNamed(from, true) || folders.isNamed(to, true)) refuse();
  if (folders.above(from, true).length > 0 || folders.above(to, true).length > 0) refuse();
  if (guard.becomesGit(to)) refuse();
  if (from.at(-1) === '.git' || to.at(-1) === '.git') {
    if (from.length === 1 && from[0] === '.git') refuse();
    if (
      !adopt(guard.tree, from, options.guestRoot, guard.stands) ||
      folders.hasNamed(to.slice(0, -1), undefined)
    )
      refuse();
  }
  for (const entry of walk(guard.tree, from)) {
    // A program then copies it, name by name.
    if (entry === false) throw systemError('EXDEV', 'rename');
    const { inner, type } = entry;
    const [old, now] = [
      [...from, ...inner],
      [...to, ...inner],
    ];
    const { rules } = options;
    if (rules.isNamed(old) !== rules.isNamed(now) || rules.isHidden(old) !== rules.isHidden(now)) refuse();
    if (isCommonDirName(inner) && inner.length < 3) refuse();
    if (inner.at(-1) === '.git' && type === constants.S_IFREG) {
      const file = parseGitFile(readIfThere(guard.tree, old) ?? Buffer.alloc(0));
      // Elsewhere it would lead elsewhere.
      if (file === undefined || climbs(file.names) >= inner.length) refuse();
    }
  }
}
