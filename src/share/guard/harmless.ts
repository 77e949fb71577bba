import type { ConfigEntry } from './git-config.ts';

/** What of a configuration's place decides whether a value is harmless. */
export interface ConfigPlace {
  /** Where the guest sees the share, with no `/` at its end. */
  guestRoot: string;
  /** Whether `core.worktree` with this value is where git puts the work tree of this submodule. */
  isWorkTree(value: string): boolean;
}

type Check = (value: string, place: ConfigPlace) => boolean;

const truth: Check = (value) => /^(true|false|yes|no|on|off|-?[0-9]{1,9}[kmg]?|)$/i.test(value);
const number: Check = (value) => /^-?[0-9]{1,9}[kmg]?$/i.test(value);
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const text: Check = (value) => !/[\x00-\x1f\x7f]/.test(value) && value.length <= 1000;
const word: Check = (value) => /^[A-Za-z0-9_][A-Za-z0-9_.:/,+ -]{0,199}$/.test(value);
const name: Check = (value) => value === '.' || /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$/.test(value);
const ref: Check = (value) => /^[+^]?[A-Za-z0-9_*@][^\0-\x20\x7f~?[\\]{0,500}$/.test(value);
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value.toLowerCase());
const truthOr =
  (...values: string[]): Check =>
  (value, place) =>
    truth(value, place) || values.includes(value.toLowerCase());

/**
 * Where a host fetches from: a server, or what is below the work tree. Another path of the host would bring its objects to the
 * guest, and `ext::` runs a program.
 */
const address: Check = (value, place) => {
  if (!text(value, place) || value.startsWith('-') || /\s/.test(value)) return false;
  const url = /^(https?|ssh|git|git\+ssh|ssh\+git):\/\/(.*)$/i.exec(value);
  if (url !== null) return /^[A-Za-z0-9[_]/.test((url[2] as string).replace(/^[^/@]*@/, ''));
  const names = value.split('/');
  if (names.includes('..') || value.includes('\\')) return false;
  if (value.startsWith('/')) return value.startsWith(`${place.guestRoot}/`);
  // user@host:path, where the colon is before any slash.
  if (value.includes(':')) return /^([A-Za-z0-9_.-]+@)?[A-Za-z0-9_][A-Za-z0-9_.-]*:[^:]/.test(value);
  return /^[A-Za-z0-9_.]/.test(value);
};

/** With `*` for the part between. Whatever names a program, a path, a file to include or a way around is not here. */
const checks: Readonly<Record<string, Check>> = {
  'core.repositoryformatversion': oneOf('0', '1'),
  'core.filemode': truth,
  'core.bare': truth,
  'core.logallrefupdates': truthOr('always'),
  'core.ignorecase': truth,
  'core.precomposeunicode': truth,
  'core.symlinks': truth,
  'core.autocrlf': truthOr('input'),
  'core.eol': oneOf('lf', 'crlf', 'native'),
  'core.safecrlf': truthOr('warn'),
  'core.abbrev': truthOr('auto'),
  'core.quotepath': truth,
  'core.compression': number,
  'core.sparsecheckout': truth,
  'core.sparsecheckoutcone': truth,
  'core.preloadindex': truth,
  'core.untrackedcache': truthOr('keep'),
  'core.splitindex': truth,
  'core.commitgraph': truth,
  'core.multipackindex': truth,
  'core.checkstat': oneOf('default', 'minimal'),
  'core.trustctime': truth,
  'core.longpaths': truth,
  'core.worktree': (value, place) => place.isWorkTree(value),
  'extensions.objectformat': oneOf('sha1', 'sha256'),
  'extensions.compatobjectformat': oneOf('sha1', 'sha256'),
  'extensions.refstorage': oneOf('files', 'reftable'),
  'extensions.worktreeconfig': truth,
  'extensions.relativeworktrees': truth,
  'extensions.preciousobjects': truth,
  'extensions.partialclone': name,
  'user.name': text,
  'user.email': text,
  'user.useconfigonly': truth,
  'author.name': text,
  'author.email': text,
  'committer.name': text,
  'committer.email': text,
  'remote.*.url': address,
  'remote.*.pushurl': address,
  'remote.*.fetch': ref,
  'remote.*.push': ref,
  'remote.*.tagopt': oneOf('--tags', '--no-tags'),
  'remote.*.prune': truth,
  'remote.*.prunetags': truth,
  'remote.*.mirror': truth,
  'remote.*.skipdefaultupdate': truth,
  'remote.*.skipfetchall': truth,
  'remote.*.promisor': truth,
  'remote.*.partialclonefilter': (value) => /^(blob:none|blob:limit=\d+[kmg]?|tree:\d+)$/.test(value),
  'remote.*.followremotehead': word,
  'remote.*.gh-resolved': word,
  'branch.*.remote': name,
  'branch.*.pushremote': name,
  'branch.*.merge': ref,
  'branch.*.rebase': truthOr('merges', 'm', 'interactive', 'i'),
  'branch.*.description': (value) => value.length <= 4000 && !value.includes('\0'),
  'branch.*.vscode-merge-base': ref,
  'branch.*.gh-merge-base': ref,
  'branch.autosetupmerge': truthOr('always', 'inherit', 'simple'),
  'branch.autosetuprebase': oneOf('never', 'local', 'remote', 'always'),
  'submodule.*.url': address,
  'submodule.*.active': truth,
  'submodule.*.branch': name,
  'submodule.*.ignore': oneOf('all', 'dirty', 'untracked', 'none'),
  'submodule.*.update': oneOf('checkout', 'rebase', 'merge', 'none'),
  'submodule.*.fetchrecursesubmodules': truthOr('on-demand'),
  'submodule.*.shallow': truth,
  'submodule.active': text,
  'submodule.recurse': truth,
  'push.default': oneOf('nothing', 'current', 'upstream', 'tracking', 'simple', 'matching'),
  'push.autosetupremote': truth,
  'push.followtags': truth,
  'pull.rebase': truthOr('merges', 'm', 'interactive', 'i'),
  'pull.ff': truthOr('only'),
  'fetch.prune': truth,
  'fetch.prunetags': truth,
  'fetch.writecommitgraph': truth,
  'merge.conflictstyle': oneOf('merge', 'diff3', 'zdiff3'),
  'merge.ff': truthOr('only'),
  'rebase.autosquash': truth,
  'rebase.autostash': truth,
  'rebase.updaterefs': truth,
  'rerere.enabled': truth,
  'rerere.autoupdate': truth,
  'commit.verbose': truth,
  'diff.renames': truthOr('copies', 'copy'),
  'diff.algorithm': word,
  'diff.mnemonicprefix': truth,
  'diff.noprefix': truth,
  'diff.submodule': oneOf('short', 'log', 'diff'),
  'status.showuntrackedfiles': truthOr('all', 'normal'),
  'status.submodulesummary': truth,
  'index.version': number,
  'gc.auto': number,
  'gc.autodetach': truth,
  'maintenance.auto': truth,
  'maintenance.strategy': word,
  'feature.manyfiles': truth,
  'lfs.repositoryformatversion': number,
  'advice.*': truth,
};

const keyOf = (entry: ConfigEntry): string =>
  entry.section === 'advice' && entry.subsection === undefined
    ? 'advice.*'
    : [entry.section, ...(entry.subsection === undefined ? [] : ['*']), entry.name].join('.');

function isHarmlessValue(entry: ConfigEntry, place: ConfigPlace): boolean {
  const check = checks[keyOf(entry)];
  // A key alone means true.
  if (check === undefined || (entry.value === undefined && check !== truth)) return false;
  // A remote or a submodule of this name is used as one, and as the name of a file.
  if (!['remote', 'submodule'].includes(entry.section) || entry.subsection === undefined)
    return check(entry.value ?? '', place);
  const { subsection } = entry;
  return (
    text(subsection, place) &&
    !subsection.startsWith('-') &&
    !subsection.split('/').includes('..') &&
    !subsection.includes('::') &&
    check(entry.value ?? '', place)
  );
}

/**
 * The first entry that makes more of a difference than a guest may make, or undefined: what is added must be harmless, what is
 * changed or taken away must have a harmless name, and the others stay as they are and in their order.
 */
export function harmfulChange(
  before: readonly ConfigEntry[],
  after: readonly ConfigEntry[],
  place: ConfigPlace,
): ConfigEntry | undefined {
  const kept = new Map<string, number>();
  const same = (entry: ConfigEntry): string => `${entry.key}\0${entry.value ?? '\0'}`;
  for (const entry of before) kept.set(same(entry), (kept.get(same(entry)) ?? 0) + 1);
  const fixed = (entries: readonly ConfigEntry[]) =>
    entries.filter((entry) => checks[keyOf(entry)] === undefined);
  const [old, now] = [fixed(before), fixed(after)];
  for (let at = 0; at < Math.max(old.length, now.length); at++) {
    const [was, is] = [old[at], now[at]];
    if (was === undefined || is === undefined || same(was) !== same(is)) return is ?? was;
  }
  for (const entry of after) {
    const count = kept.get(same(entry)) ?? 0;
    if (count > 0) kept.set(same(entry), count - 1);
    else if (!isHarmlessValue(entry, place)) return entry;
  }
  return undefined;
}
