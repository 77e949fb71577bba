import type { Attributes, Names, Tree } from '../tree/tree.ts';
import { fold } from './fold.ts';
import { type Place, placeIn, signs } from './git-place.ts';
import { commonFolder, gitFileTarget, parseGitFile } from './gitfile.ts';
import { type NamedPaths, namedPaths, noPaths, resolvePath } from './named-paths.ts';
import { isFolder, readIfThere, statIfThere } from './read.ts';

/** A path in a folder that git takes for a repository. */
export interface InGit {
  git: Names;
  inner: Names;
  place: Place;
}

export interface GitPlaces {
  /** The share's folder on the host. */
  root: string;
  /** Where the guest sees it. */
  guestRoot: string;
  /** The host's own configuration of git, as text. */
  hostConfigs: readonly string[];
}

/** Which folders of a share git takes for repositories, and what their configuration names. */
export class GitFolders {
  readonly #tree: Tree;
  readonly #places: GitPlaces;
  readonly #host: NamedPaths;
  readonly #named = new Map<string, { stamp: string; paths: NamedPaths }>();

  constructor(tree: Tree, places: GitPlaces) {
    this.#tree = tree;
    this.#places = places;
    const all = places.hostConfigs.map((text) => namedPaths(text, places.root));
    this.#host = {
      relative: all.flatMap(({ relative }) => relative),
      absolute: all.flatMap(({ absolute }) => absolute),
      included: [],
    };
  }

  /** As git finds one (setup.c, is_git_directory), or will once a file is there: HEAD and the rest may come in any order. */
  isGit(folder: Names): boolean {
    return (
      folder.at(-1) === '.git' ||
      (this.#has(folder, 'objects') && this.#has(folder, 'refs')) ||
      (this.#has(folder, 'HEAD') && this.#has(folder, 'commondir'))
    );
  }

  /** Whether a folder that is no repository is one as soon as it has this name. */
  becomesGit(folder: Names, name: string): boolean {
    const folded = fold(name);
    if (!signs.has(folded) || this.isGit(folder)) return false;
    const has = (sign: string): boolean => folded === fold(sign) || this.#has(folder, sign);
    return (has('objects') && has('refs')) || (has('HEAD') && has('commondir'));
  }

  /** For each repository that a path is in, what it is there. */
  above(path: Names, all: boolean): InGit[] {
    const found: InGit[] = [];
    for (let at = 0; at < path.length; at++) {
      const inner = path.slice(at);
      const place = placeIn(inner);
      if (!all && place === 'free') continue;
      const git = path.slice(0, at);
      if (this.isGit(git)) found.push({ git, inner, place });
    }
    return found;
  }

  /** Whether a configuration of the host names this file, or a folder that it is in; or, with `below`, something in it. */
  isNamed(path: Names, below = false): boolean {
    const isOne = (named: Names | undefined): boolean =>
      named !== undefined &&
      (named.length <= path.length || below) &&
      named.every((name, at) => at >= path.length || fold(name) === fold(path[at] as string));
    if (this.#host.absolute.some(isOne)) return true;
    for (let at = 0; at <= path.length; at++) {
      const folder = path.slice(0, at);
      const { paths, bases } = this.#namedFrom(folder);
      if (paths.absolute.some(isOne)) return true;
      if (bases.some((base) => paths.relative.some((name) => isOne(resolvePath(base, name))))) return true;
    }
    return false;
  }

  /** Whether a folder has files that the configuration of its repository would name, were it a work tree of this one. */
  hasNamed(folder: Names, git: Names | undefined): boolean {
    const own = git === undefined ? noPaths : this.#read(commonFolder(git));
    return [...this.#host.relative, ...own.relative].some((name) => {
      const path = resolvePath(folder, name);
      return path !== undefined && path.length > folder.length && statIfThere(this.#tree, path) !== undefined;
    });
  }

  #has(folder: Names, name: string): boolean {
    return statIfThere(this.#tree, [...folder, name]) !== undefined;
  }

  /** What is named from a folder that is a work tree or a repository. */
  #namedFrom(folder: Names): { paths: NamedPaths; bases: Names[] } {
    const path = [...folder, '.git'];
    const found = statIfThere(this.#tree, path);
    if (found !== undefined) {
      const git = isFolder(found) ? path : this.#target(path, found);
      const own = git === undefined ? noPaths : this.#read(commonFolder(git));
      return {
        paths: this.#withHost(own),
        bases: git === undefined ? [folder] : [folder, commonFolder(git)],
      };
    }
    if (folder.at(-1) === '.git' || !this.isGit(folder)) return { paths: noPaths, bases: [] };
    return { paths: this.#withHost(this.#read(folder)), bases: [folder] };
  }

  #withHost(own: NamedPaths): NamedPaths {
    if (this.#host.relative.length === 0) return own;
    return { ...own, relative: [...own.relative, ...this.#host.relative] };
  }

  #target(path: Names, found: Attributes): Names | undefined {
    const text = found.size > 5000 ? undefined : readIfThere(this.#tree, path);
    const file = text === undefined ? undefined : parseGitFile(text);
    return file === undefined ? undefined : gitFileTarget(file, path.slice(0, -1), this.#places.guestRoot);
  }

  /** What the configuration of a repository names, with what it includes; read again when it has changed. */
  #read(git: Names): NamedPaths {
    const files = ['config', 'config.worktree'].map((name) => [...git, name]);
    const stamp = files.map((file) => stampOf(statIfThere(this.#tree, file))).join(' ');
    const key = git.join('/');
    const known = this.#named.get(key);
    // What is included may change alone.
    if (known?.stamp === stamp && known.paths.included.length === 0) return known.paths;
    const paths: { relative: Names[]; absolute: Names[]; included: Names[] } = {
      relative: [],
      absolute: [],
      included: [],
    };
    const read = new Set<string>();
    for (let file = files.shift(); file !== undefined && read.size < 20; file = files.shift()) {
      if (read.has(file.join('/'))) continue;
      read.add(file.join('/'));
      const text = readIfThere(this.#tree, file)?.toString('latin1');
      if (text === undefined) continue;
      const more = namedPaths(text, this.#places.root);
      paths.relative.push(...more.relative);
      paths.absolute.push(...more.absolute);
      paths.included.push(...more.included);
      for (const name of more.included)
        files.push(
          ...((resolvePath(file.slice(0, -1), name) ?? []).length
            ? [resolvePath(file.slice(0, -1), name) as Names as string[]]
            : []),
        );
    }
    if (this.#named.size > 1000) this.#named.clear();
    this.#named.set(key, { stamp, paths });
    return paths;
  }
}

const stampOf = (found: Attributes | undefined): string =>
  found === undefined ? '-' : `${found.identity}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
