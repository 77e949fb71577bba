import type { Names } from '../tree/tree.ts';
import { type ConfigEntry, parseGitConfig } from './git-config.ts';

/** Files of the share that a configuration of the host names, since git runs or reads them by itself. */
export interface NamedPaths {
  /** From the work tree's folder or the repository's: a guest may change which of them counts. They may begin with `..`. */
  relative: readonly Names[];
  /** From the root of the share. */
  absolute: readonly Names[];
  /** Those of them that are configuration, too. */
  included: readonly Names[];
}

export const noPaths: NamedPaths = { relative: [], absolute: [], included: [] };

/** Keys whose value is one path. */
const isPath = ({ section, name }: ConfigEntry): boolean =>
  ['include.path', 'includeif.path', 'core.hookspath', 'core.attributesfile'].includes(`${section}.${name}`);

/** Keys whose value is a command, or the name of one. */
const isCommand = ({ section, subsection, name }: ConfigEntry): boolean =>
  [
    'alias',
    'filter',
    'pager',
    'gpg',
    'credential',
    'difftool',
    'mergetool',
    'browser',
    'man',
    'guitool',
    'trailer',
    'sendemail',
    'tar',
    'hook',
  ].includes(section) ||
  (section === 'core' &&
    ['fsmonitor', 'sshcommand', 'editor', 'pager', 'askpass', 'gitproxy', 'alternaterefscommand'].includes(
      name,
    )) ||
  (section === 'diff' &&
    (name === 'external' || (subsection !== undefined && /^(command|textconv)$/.test(name)))) ||
  (section === 'merge' && name === 'driver') ||
  (section === 'remote' && /^(uploadpack|receivepack|vcs)$/.test(name)) ||
  (section === 'sequence' && name === 'editor') ||
  (section === 'interactive' && name === 'difffilter') ||
  (section === 'uploadpack' && name === 'packobjectshook') ||
  (section === 'submodule' && name === 'update');

/**
 * @param root the share's folder on the host, as a path
 */
export function namedPaths(text: string, root: string): NamedPaths {
  const relative: Names[] = [];
  const absolute: Names[] = [];
  const included: Names[] = [];
  const add = (path: string): void => {
    if (path.startsWith(`${root}/`)) absolute.push(...plain(path.slice(root.length + 1)));
    else if (!/^[/~]|^%\(/.test(path)) relative.push(...plain(path));
  };
  for (const entry of parseGitConfig(text.replaceAll('\r', '')) ?? []) {
    const { value = '' } = entry;
    if (isPath(entry)) {
      add(value);
      if (entry.section.startsWith('include')) included.push(...plain(value));
      // husky has git run `.husky/_/pre-commit`, which runs `.husky/pre-commit`.
      if (entry.name === 'hookspath' && /.\/_\/?$/.test(value)) add(value.replace(/\/_\/?$/, ''));
    } else if (isCommand(entry))
      for (const word of value.split(/[\s'"!;|&()<>=`]+/)) if (word.includes('/')) add(word);
  }
  return { relative, absolute, included };
}

/** The path without what means nothing; none where nothing is left. */
function plain(path: string): Names[] {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..' && (names.at(-1) ?? '..') !== '..') names.pop();
    else names.push(name);
  }
  return names.length === 0 || names.at(-1) === '..' ? [] : [names];
}

/** A path from a folder of the share; undefined where it leads out of the share. */
export function resolvePath(folder: Names, path: Names): Names | undefined {
  const names = [...folder];
  for (const name of path) {
    if (name !== '..') names.push(name);
    else if (names.pop() === undefined) return undefined;
  }
  return names;
}
