import { damagedStore, fullStore, linesOfDamage, linesOfFullDisk } from '../machine/failure.ts';
import { storeName } from '../store-name.ts';
import { located, type NixErrorText, report, suggestions } from './words.ts';

export type NixFailureKind =
  | 'disk-full'
  | 'damaged'
  | 'network'
  | 'syntax'
  | 'attribute'
  | 'output'
  | 'hash'
  | 'killed'
  | 'system'
  | 'outside'
  | 'build'
  | 'evaluation';

export interface NixExplanation {
  kind: NixFailureKind;
  code: 'EVAL_FAILED' | 'BUILD_FAILED' | 'BUILDER_FAILED' | 'OUTPUT_MISSING' | 'STORE_DAMAGED';
  /** What went wrong and where: one sentence. */
  message: string;
  /** The lines of Nix's own report, or of the build's log, that show it. */
  details: readonly string[];
  /** A command, or the one thing to do. */
  hint?: string;
  /** The derivation that failed. */
  derivation?: string;
}

export interface ExplainOptions {
  logOf?: (derivation: string) => readonly string[];
  /** Names of the package set made of Debian's, where nixpkgs is that one: what a wrong one may have meant. */
  names?: Iterable<string>;
  /** The messages of level 1. */
  warnings?: readonly NixErrorText[];
  /** It was the host's own Nix, not the builder VM's. */
  hostNix?: boolean;
}

const unreachable =
  /unable to download '([^']+)'|[Cc]ould not resolve host(?:name)?:? ?(\S*)|(?:Failed|Could not|Couldn't) (?:to )?connect to|cannot download|Network is unreachable|Connection timed out|unable to access '([^']+)'/;
const builderFailed =
  /(?:builder for|hash mismatch in fixed-output derivation|[Cc]annot build) '([^']+\.drv)'/;

/**
 * The likely cause of a failed run of Nix and what to do about it. Never throws; what it does not recognise is reported
 * in Nix's own words.
 */
export function explainNixFailure(
  messages: readonly NixErrorText[],
  options: ExplainOptions = {},
): NixExplanation {
  const derivation = firstMatch(messages, builderFailed);
  const log = derivation === undefined ? [] : (options.logOf?.(derivation) ?? []);
  const last = messages.at(-1) ?? { text: 'Nix said nothing.', core: 'Nix said nothing.' };
  const about: Failure = { messages, log, last, derivation, options };
  for (const explain of [
    diskFull,
    damage,
    network,
    cutOff,
    killed,
    hash,
    failedBuild,
    system,
    outside,
    output,
    attribute,
    syntax,
  ]) {
    const found = explain(about);
    if (found !== undefined) return { ...found, ...(derivation === undefined ? {} : { derivation }) };
  }
  return { kind: 'evaluation', code: 'EVAL_FAILED', message: located(last), details: report(last) };
}

interface Failure {
  messages: readonly NixErrorText[];
  log: readonly string[];
  last: NixErrorText;
  derivation: string | undefined;
  options: ExplainOptions;
}

type Explain = (failure: Failure) => NixExplanation | undefined;

const diskFull: Explain = ({ messages, log, options }) => {
  const details = linesOfFullDisk([...messages.map(({ core }) => core), ...log]);
  if (details.length === 0) return undefined;
  const told = options.hostNix === true ? hostStore : fullStore;
  return { kind: 'disk-full', code: 'BUILDER_FAILED', ...told, details };
};

/** Only what Nix itself says: a build may print anything. */
const damage: Explain = ({ messages, options }) => {
  const details = linesOfDamage(messages.map(({ core }) => core));
  if (details.length === 0) return undefined;
  const told = options.hostNix === true ? damagedHostStore : damagedStore;
  return { kind: 'damaged', code: 'STORE_DAMAGED', ...told, details };
};

const damagedHostStore = {
  message: 'The Nix store is damaged.',
  hint: 'nix-store --verify --check-contents --repair',
};

const hostStore = { message: 'The disk of the Nix store is full.', hint: 'nix-collect-garbage' };

/** The input that Nix was at: the innermost that it names. The library's own nixpkgs is replaced with the flake's. */
function inputIn(text: string): string | undefined {
  const named = [...text.matchAll(/while updating the flake input '([^']+)'/g)].at(-1)?.[1];
  return named === 'mvm/nixpkgs' ? 'nixpkgs' : named;
}

const network: Explain = ({ messages, log, last, derivation }) => {
  const line = [...messages.map(({ text }) => text), ...log].find((text) => unreachable.test(text));
  if (line === undefined) return undefined;
  const match = unreachable.exec(line);
  const what = match?.[1] ?? match?.[3] ?? match?.[2];
  const input = inputIn(last.text);
  const whose =
    input !== undefined
      ? ` for the input '${input}'`
      : derivation !== undefined
        ? ` for ${storeName(derivation)}`
        : '';
  return {
    kind: 'network',
    code: derivation === undefined ? 'EVAL_FAILED' : 'BUILD_FAILED',
    message: `${what ? `${what} can't be reached` : "The network can't be reached"}${whose}.`,
    details: line
      .split('\n')
      .filter((row) => unreachable.test(row))
      .map((row) => row.trim())
      .slice(0, 3),
    // The stand-in replaces nixpkgs; any other input has to come from somewhere else.
    hint:
      input === undefined || input === 'nixpkgs'
        ? 'mvmctl build --nixpkgs debian   (uses packages from Debian, which needs no Nix cache)'
        : `in mvm.toml: [inputs] ${input} = "…"   (a reference that can be reached)`,
  };
};

/** A download that ends too soon shows as an archive that can't be read. */
const cutOff: Explain = ({ last }) => {
  const url = /while fetching the input '(https?:[^']+)'/.exec(last.text)?.[1];
  if (url === undefined || !/from tarball|[Tt]runcated|archive/.test(last.core)) return undefined;
  const input = inputIn(last.text);
  return {
    kind: 'network',
    code: 'EVAL_FAILED',
    message: `${url} broke off or is not an archive${input === undefined ? '' : `, for the input '${input}'`}.`,
    details: last.core.trim().split('\n').slice(0, 3),
    hint: `curl -fLO ${url}   (to see if it downloads completely; if so, run the same command again)`,
  };
};

const killed: Explain = ({ messages, log, derivation }) => {
  if (derivation === undefined) return undefined;
  const own = messages.filter(({ core }) => core.includes(derivation));
  const signal = firstMatch(own, /failed due to signal (\d+)/);
  if (signal === undefined) return undefined;
  const memory = signal === '9' ? ', usually because memory ran out' : '';
  return {
    kind: 'killed',
    code: 'BUILD_FAILED',
    message: `The build of ${storeName(derivation)} was killed (signal ${signal}${memory}).`,
    details: log,
    ...(memory === '' ? {} : { hint: 'mvmctl builder status' }),
  };
};

const hash: Explain = ({ messages, derivation }) => {
  const found = messages.find(({ core }) => core.includes('hash mismatch'));
  if (found === undefined || derivation === undefined) return undefined;
  const got = /got:\s+(\S+)/.exec(found.core)?.[1];
  return {
    kind: 'hash',
    code: 'BUILD_FAILED',
    message: `The download for ${storeName(derivation)} does not have the hash that the flake gives.`,
    details: found.core
      .split('\n')
      .slice(1)
      .map((line) => line.trim()),
    ...(got === undefined ? {} : { hint: `if the file is right, put its hash in the flake: ${got}` }),
  };
};

const failedBuild: Explain = ({ messages, log, derivation, options }) => {
  if (derivation === undefined) return undefined;
  const core = messages.find((message) => message.core.includes(derivation))?.core ?? '';
  const how = /failed [^\n]+/.exec(core)?.[0] ?? 'failed';
  // Without a cache all is built from source, which fails sooner or later.
  const cache = firstMatch(options.warnings ?? [], /unable to download '([^']+)\/nix-cache-info'/);
  return {
    kind: 'build',
    code: 'BUILD_FAILED',
    message: `The build of ${storeName(derivation)} ${how}.`,
    details: log,
    ...(cache === undefined
      ? {}
      : { hint: `mvmctl build --nixpkgs debian   (the Nix cache ${cache} can't be reached)` }),
  };
};

const system: Explain = ({ messages }) => {
  const match = matching(
    messages,
    /a '([^']+)' with features .* is required to build '([^']+)', but I am a '([^']+)'/,
  );
  if (match === undefined) return undefined;
  return {
    kind: 'system',
    code: 'BUILD_FAILED',
    message: `${storeName(match[2] ?? '')} is for ${match[1]}; the builder is ${match[3]}.`,
    details: [],
    hint: `take packages for ${match[3]} in the flake (import nixpkgs { system = "${match[3]}"; })`,
  };
};

const outside: Explain = ({ last }) => {
  const input = inputIn(last.text);
  const forbidden = /access to absolute path '[^']+' is forbidden/.test(last.core);
  const absent = input !== undefined && /^path '[^']+' does not exist/.test(last.core);
  if (!forbidden && !absent) return undefined;
  return {
    kind: 'outside',
    code: 'EVAL_FAILED',
    message: `${input === undefined ? 'The flake' : `The input '${input}'`} uses a path outside the project, which the builder does not have.`,
    details: report(last),
    hint: 'move it into the project, or make it an input of the flake',
  };
};

const output: Explain = ({ last }) => {
  const match = /does not provide attribute (.+)$/m.exec(last.core);
  if (match === null) return undefined;
  const asked = /'([^']+)'/.exec(match[1] ?? '')?.[1] ?? '';
  const name = asked.split('.').at(-1) ?? '';
  const meant = suggestions(last.text, name, undefined);
  return {
    kind: 'output',
    code: 'OUTPUT_MISSING',
    message: `The flake has no output ${asked}.`,
    details: [],
    hint: meant ?? 'mvmctl build --profile NAME   (the name of an output of the flake)',
  };
};

const attribute: Explain = ({ last, options }) => {
  const match = /attribute '([^']+)' (?:missing|not found)|undefined variable '([^']+)'/.exec(last.core);
  if (match === null) return undefined;
  const name = match[1] ?? match[2] ?? '';
  const meant = suggestions(last.text, name, options.names);
  const hint = options.names === undefined ? meant : aroundTheSet(name, meant);
  return {
    kind: 'attribute',
    code: 'EVAL_FAILED',
    message:
      options.names !== undefined && ofTheSet(name, last)
        ? located({ ...last, core: lacks(name) })
        : located(last),
    details: report(last),
    ...(hint === undefined ? {} : { hint }),
  };
};

const lacks = (name: string) => `the package set made from Debian packages has no '${name}'`;

/** Whether the flake's line takes the name from packages or from `lib`, or names nothing that it is taken from. */
function ofTheSet(name: string, { text, core }: NixErrorText): boolean {
  const from = [...text.matchAll(/\b(\w+)\.([\w'+-]+)/g)].filter((match) => match[2] === name);
  return (
    core.includes('undefined variable') ||
    from.some((match) => /^(?:\w*pkgs|lib|final|prev\w*|super|ps?)$/.test(match[1] ?? ''))
  );
}

/** What to do where the package set made of Debian's lacks a name. */
function aroundTheSet(name: string, meant: string | undefined): string {
  const search = `apt-cache search ${name.replace(/[^\w.+-]/g, '')}   (--nixpkgs debian does not have that name; Debian's packages are pkgs.debian.NAME, and without --nixpkgs you get the real nixpkgs)`;
  return meant === undefined ? search : `${meant} Otherwise: ${search}`;
}

const syntax: Explain = ({ last }) => {
  if (!/^(?:syntax error|unexpected|path '.*' does not exist)/.test(last.core)) return undefined;
  return { kind: 'syntax', code: 'EVAL_FAILED', message: located(last), details: report(last) };
};

const firstMatch = (messages: readonly NixErrorText[], pattern: RegExp) => matching(messages, pattern)?.[1];

function matching(messages: readonly NixErrorText[], pattern: RegExp): RegExpExecArray | undefined {
  for (const { core } of messages) {
    const match = pattern.exec(core);
    if (match !== null) return match;
  }
  return undefined;
}
