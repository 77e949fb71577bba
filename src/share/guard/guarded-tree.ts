import { closeSync } from 'node:fs';
import { systemError } from '../tree/system-error.ts';
import type { Attributes, Entry, Names, Space, Times, Tree } from '../tree/tree.ts';
import { isHarmlessConfig } from './change-config.ts';
import type { Check, CheckedFiles } from './checked-files.ts';
import { checkOf, gitFileCheck } from './content-checks.ts';
import type { GitFolders, InGit } from './git-folders.ts';
import { isCommonDirName, isSample } from './git-place.ts';
import { Guard, type GuardOptions } from './guard.ts';
import { moveFile, moveFolder } from './move.ts';
import { isFolder } from './read.ts';

/**
 * A tree whose hidden names are not there, and which refuses (EACCES) changes of what the host would run by itself: protected names,
 * and in git's folders all that is more than `git-place.ts` allows.
 */
export class GuardedTree implements Tree {
  readonly #tree: Tree;
  readonly #guard: Guard;
  readonly #folders: GitFolders;
  readonly #checked: CheckedFiles;
  /** Files that may be made once, and were made here: identities. */
  readonly #made = new Set<string>();

  constructor(tree: Tree, options: GuardOptions) {
    this.#guard = new Guard(tree, options);
    this.#tree = tree;
    this.#folders = this.#guard.folders;
    this.#checked = this.#guard.checked;
  }

  stat(path: Names): Attributes {
    this.#see(path);
    const found = this.#tree.stat(path);
    return this.#checked.attributes(path, { ...found, ...this.#guard.stands.get(found.identity) });
  }

  list(path: Names): Entry[] {
    this.#see(path);
    return this.#tree.list(path).filter(({ name }) => !this.#guard.isHidden([...path, name]));
  }

  readLink(path: Names): Buffer {
    this.#see(path);
    return this.#tree.readLink(path);
  }

  open(path: Names, access: 'read' | 'write'): number {
    this.#see(path);
    if (access === 'read') return this.#checked.read(path) ?? this.#tree.open(path, access);
    if (this.#guard.isFree(path)) return this.#tree.open(path, access);
    const check = this.#checkOf(path);
    if (check === undefined)
      for (const inGit of this.#folders.above(path, false))
        if (!this.#mayWrite(path, inGit)) this.#guard.refuse(path, 'write');
    if (check === undefined) return this.#tree.open(path, access);
    // As opening it would fail.
    closeSync(this.#tree.open(path, 'read'));
    return this.#checked.open(path, check);
  }

  mayWrite(path: Names): boolean {
    const { rules } = this.#guard.options;
    if (rules.isUnprotected(path)) return true;
    return (
      !rules.isProtected(path) &&
      !this.#folders.isNamed(path) &&
      this.#folders.above(path, false).length === 0
    );
  }

  create(path: Names, mode: number): number {
    if (this.#mayMake(path, 'create')) return this.#tree.create(path, mode);
    const check = this.#checkOf(path);
    for (const { place } of check === undefined ? this.#folders.above(path, false) : [])
      if (place !== 'once' && !(place === 'hook' && isSample(path))) this.#guard.refuse(path, 'create');
    this.#guard.adoptFor(path, 'create');
    const fd = this.#tree.create(path, check === undefined ? mode : mode & 0o666);
    if (check === undefined) {
      if (path.at(-1) === 'exclude' && this.#made.size < 10_000)
        this.#made.add(this.#tree.stat(path).identity);
      return fd;
    }
    closeSync(fd);
    return this.#checked.open(path, check);
  }

  makeFolder(path: Names, mode: number): void {
    if (!this.#mayMake(path, 'mkdir')) {
      if (
        this.#folders.above(path, false).some(({ place }) => place !== 'structure') ||
        isCommonDirName(path)
      )
        this.#guard.refuse(path, 'mkdir');
      if (path.at(-1) === '.git' && this.#folders.hasNamed(path.slice(0, -1), undefined))
        this.#guard.refuse(path, 'mkdir');
      this.#guard.adoptFor(path, 'mkdir');
    }
    this.#tree.makeFolder(path, mode);
  }

  makeLink(path: Names, text: Buffer): void {
    if (!this.#mayMake(path, 'symlink')) {
      // `git init` tries whether there are links.
      const isTrial = /^t[A-Za-z0-9]{6}$/.test(path.at(-1) ?? '') && text.toString('latin1') === 'testing';
      const isGits = this.#folders.above(path, true).length > 0 && !isTrial;
      if (isGits || path.at(-1) === '.git' || isCommonDirName(path) || this.#guard.becomesGit(path))
        this.#guard.refuse(path, 'symlink');
    }
    this.#tree.makeLink(path, text);
  }

  link(from: Names, to: Names): void {
    this.#see(from);
    if (!this.#guard.isFree(from)) {
      const places = this.#folders.above(from, false).map(({ place }) => place);
      if (
        from.at(-1) === '.git' ||
        places.some((place) => place !== 'hook') ||
        (places.length > 0 && !isSample(from))
      )
        this.#guard.refuse(from, 'link');
    }
    if (!this.#mayMake(to, 'link')) {
      const isSpecial = this.#folders.above(to, false).some(({ place }) => place !== 'hook' || !isSample(to));
      if (isSpecial || to.at(-1) === '.git' || isCommonDirName(to)) this.#guard.refuse(to, 'link');
      if (this.#guard.isLinkInGit(from, to)) this.#guard.refuse(to, 'link');
      this.#guard.adoptFor(to, 'link');
    }
    this.#tree.link(from, to);
  }

  rename(from: Names, to: Names, keep: boolean): void {
    this.#see(from);
    if (this.#guard.isHidden(to)) this.#guard.refuse(to, 'rename');
    const found = this.#tree.stat(from);
    if (isFolder(found)) moveFolder(this.#guard, from, to);
    else if (moveFile(this.#guard, from, to, found, keep)) return;
    this.#tree.rename(from, to, keep);
    this.#checked.forget(from);
    this.#checked.forget(to);
  }

  remove(path: Names): void {
    this.#see(path);
    if (!this.#guard.isFree(path)) {
      if (path.length === 1 && path[0] === '.git') this.#guard.refuse(path, 'remove');
      for (const inGit of this.#folders.above(path, false))
        if (!this.#mayRemove(path, inGit)) this.#guard.refuse(path, 'remove');
    }
    this.#tree.remove(path);
    this.#checked.forget(path);
  }

  removeFolder(path: Names): void {
    this.#see(path);
    if (!this.#guard.isFree(path) && path.length === 1 && path[0] === '.git')
      this.#guard.refuse(path, 'remove');
    this.#tree.removeFolder(path);
  }

  setMode(path: Names, mode: number): void {
    this.#see(path);
    if (!this.#guard.isFree(path))
      for (const { place } of this.#folders.above(path, false)) {
        // `git init` tries whether a configuration can be made executable.
        const isTrial = place === 'config' && ((this.#tree.stat(path).mode ^ mode) & 0o7666) === 0;
        if (place === 'never' || (place === 'hook' && !isSample(path)) || (place === 'config' && !isTrial))
          this.#guard.refuse(path, 'chmod');
      }
    this.#tree.setMode(path, mode);
  }

  setTimes(path: Names, times: Times): void {
    this.#see(path);
    if (!this.#guard.isFree(path))
      for (const { place } of this.#folders.above(path, false))
        if (place === 'never' || place === 'config' || (place === 'hook' && !isSample(path)))
          this.#guard.refuse(path, 'utimes');
    this.#tree.setTimes(path, times);
  }

  space(): Space {
    return this.#tree.space();
  }

  watch(path: Names, onChange: (name: string | undefined) => void): { close(): void } | undefined {
    this.#see(path);
    return this.#tree.watch(path, (name) => {
      if (name === undefined || !this.#guard.isHidden([...path, name])) onChange(name);
    });
  }

  close(): void {
    this.#checked.close();
    this.#tree.close();
  }

  /** Whether a new name is one of which nothing else is to be checked. */
  #mayMake(path: Names, what: string): boolean {
    this.#checked.settle();
    if (this.#guard.isHidden(path)) this.#guard.refuse(path, what);
    return this.#guard.isFree(path, what);
  }

  #see(path: Names): void {
    if (this.#guard.isHidden(path)) throw systemError('ENOENT', 'lookup');
    this.#checked.settle();
  }

  /** What the host may have of a file that is written in place; undefined for one whose content is not checked. */
  #checkOf(path: Names): Check | undefined {
    const name = path.at(-1) ?? '';
    if (name === '.git') {
      if (path.length === 1) this.#guard.refuse(path, 'write');
      return gitFileCheck(path, this.#folders, this.#guard.options);
    }
    if (isCommonDirName(path)) {
      const isPlace = name === 'commondir' && path.at(-3) === 'worktrees';
      if (!isPlace || !this.#folders.isGit(path.slice(0, -3))) this.#guard.refuse(path, 'write');
      return checkOf('commondir');
    }
    const inGit = this.#folders
      .above(path, false)
      .find(({ place }) => place === 'todo' || place === 'strategy' || place === 'never');
    if (inGit?.place === 'never') this.#guard.refuse(path, 'write');
    return inGit === undefined ? undefined : checkOf(inGit.place);
  }

  #mayWrite(path: Names, { place }: InGit): boolean {
    if (place === 'hook') return isSample(path);
    return place === 'once' && this.#made.has(this.#tree.stat(path).identity);
  }

  #mayRemove(path: Names, { git, place }: InGit): boolean {
    if (place === 'hook') return isSample(path);
    if (place !== 'config') return place !== 'never';
    const isRoots = git.length === 0 || (git.length === 1 && git[0] === '.git');
    return !isRoots && isHarmlessConfig(this.#tree, path, git, this.#guard.options.guestRoot);
  }
}
