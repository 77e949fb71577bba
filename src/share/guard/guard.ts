import { constants } from 'node:fs';
import { systemError } from '../tree/system-error.ts';
import type { Names, Tree } from '../tree/tree.ts';
import { adopt } from './adopt.ts';
import type { Stands } from './change-config.ts';
import { CheckedFiles } from './checked-files.ts';
import { isDotGit } from './fold.ts';
import { GitFolders, type GitPlaces } from './git-folders.ts';
import { typeOf } from './read.ts';
import type { Rules } from './rules.ts';

export interface GuardOptions extends GitPlaces {
  rules: Rules;
  /** Told once of each name whose change was refused, and what was tried: `write`, `rename`, … */
  onRefused(path: Names, what: string): void;
}

/** So many names are remembered as told. */
const mostTold = 1000;

/** What the operations of a guarded tree ask. */
export class Guard {
  readonly tree: Tree;
  readonly options: GuardOptions;
  readonly folders: GitFolders;
  readonly checked: CheckedFiles;
  readonly stands: Stands = new Map();
  readonly #told = new Set<string>();

  constructor(tree: Tree, options: GuardOptions) {
    this.tree = tree;
    this.options = options;
    this.folders = new GitFolders(tree, options);
    this.checked = new CheckedFiles(tree, (path) => this.#tell(path, 'write'));
  }

  isHidden(path: Names): boolean {
    return this.options.rules.isHidden(path);
  }

  /**
   * Whether anything may be done with it without looking further: it was unprotected. Throws EACCES for a name that is
   * protected by itself.
   */
  isFree(path: Names, what = 'write'): boolean {
    const { rules } = this.options;
    if (rules.isUnprotected(path)) return true;
    const isOther = path.some((name) => name !== '.git' && isDotGit(name));
    if (isOther || rules.isNamed(path) || this.folders.isNamed(path)) this.refuse(path, what);
    return false;
  }

  /** Throws EACCES where a new name would make a repository of a folder that must not be one. */
  adoptFor(path: Names, what: string): void {
    if (!this.becomesGit(path)) return;
    if (!adopt(this.tree, path.slice(0, -1), this.options.guestRoot, this.stands)) this.refuse(path, what);
  }

  /** Whether the folder of a new name becomes a repository by it. */
  becomesGit(path: Names): boolean {
    return this.folders.becomesGit(path.slice(0, -1), path.at(-1) ?? '');
  }

  /** Whether a symbolic link would come to be in a repository. */
  isLinkInGit(from: Names, to: Names): boolean {
    return (
      typeOf(this.tree.stat(from).mode) !== constants.S_IFREG &&
      (this.folders.above(to, true).length > 0 || this.becomesGit(to))
    );
  }

  refuse(path: Names, what: string): never {
    this.#tell(path, what);
    throw systemError('EACCES', what);
  }

  #tell(path: Names, what: string): void {
    const key = path.join('/');
    if (this.#told.has(key) || this.#told.size >= mostTold) return;
    this.#told.add(key);
    this.options.onRefused(path, what);
  }
}
