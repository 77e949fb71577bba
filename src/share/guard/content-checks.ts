import { existsSync } from 'node:fs';
import type { Names } from '../tree/tree.ts';
import type { Check } from './checked-files.ts';
import { isDotGit } from './fold.ts';
import type { GitFolders, GitPlaces } from './git-folders.ts';
import type { Place } from './git-place.ts';
import { climbs, gitFileTarget, parseGitFile } from './gitfile.ts';

/** Content that the host may have of files in a repository's folder that are written in place. */
export function checkOf(place: Place): Check {
  if (place === 'commondir') return isCommonDir;
  if (place === 'todo') return isHarmlessTodo;
  return hasNoStrategy;
}

/** As git writes it for a work tree, whose folder is `worktrees/NAME`. */
export const isCommonDir: Check = (bytes) => /^\.\.\/\.\.\n?$/.test(bytes.toString('latin1'));

/** Steps of a rebase; none of them runs a program. */
const steps =
  /^(p|pick|r|reword|e|edit|s|squash|f|fixup|b|break|d|drop|l|label|t|reset|m|merge|u|update-ref|noop|#.*)?$/;
const isHarmlessTodo: Check = (bytes) =>
  bytes
    .toString('latin1')
    .split('\n')
    .every((line) => !/[\r\0]/.test(line) && steps.test(line.trim().split(/[ \t]/)[0] ?? ''));

const hasNoStrategy: Check = (bytes) =>
  bytes
    .toString('latin1')
    .split('\n')
    .every((line) => /^(ort|recursive|resolve|octopus|ours|subtree)?$/.test(line.trim()) || isOption(line));

/** A line of `sequencer/opts`, which git writes as configuration. */
const isOption = (line: string): boolean =>
  /^\[options\]$/.test(line) ||
  /^\t(no-commit|edit|signoff|record-origin|allow-ff|allow-rerere-auto|allow-empty|allow-empty-message|keep-redundant-commits|drop-redundant-commits|mainline|default-msg-cleanup) = [a-z0-9]+$/.test(
    line,
  ) ||
  /^\tstrategy = (ort|recursive|resolve|octopus|ours|subtree)$/.test(line);

/**
 * A `.git` file that leads to a work tree's or a submodule's folder in the `.git` of a folder above (where no part of the way can
 * be replaced by a link), or by the guest's path (which leads nowhere on the host).
 */
export function gitFileCheck(path: Names, folders: GitFolders, { guestRoot }: GitPlaces): Check {
  return (bytes) => {
    const file = parseGitFile(bytes);
    if (file === undefined) return false;
    const folder = path.slice(0, -1);
    const target = gitFileTarget(file, folder, guestRoot);
    if (target === undefined) return false;
    const at = target.indexOf('.git');
    const inner = target.slice(at + 1);
    const isPlace =
      at >= 0 &&
      !inner.some(isDotGit) &&
      ((inner[0] === 'worktrees' && inner.length === 2) || (inner[0] === 'modules' && inner.length > 1));
    if (!isPlace || folders.hasNamed(folder, target)) return false;
    if (file.isAbsolute && !existsSync(guestRoot)) return true;
    const top = target.slice(0, at);
    const isAbove = top.length <= folder.length && top.every((name, index) => name === folder[index]);
    return isAbove && (file.isAbsolute || climbs(file.names) === folder.length - top.length);
  };
}
