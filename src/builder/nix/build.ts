import { dirname } from 'node:path';
import { MvmError } from '../../errors/mvm-error.ts';
import { byLine } from '../machine/by-line.ts';
import type { JobOptions } from '../machine/job.ts';
import { nixFailure } from './failure.ts';
import { createNixProgress, type NixListener, type NixProgress } from './progress.ts';

/** Where a project's source lies in the builder, and what is bundled with the tool. */
export const sourceDir = '/mvm/src';

/** Runs a program where Nix is, to its exit status. Rejects with the signal's reason on abort. */
export type RunThere = (
  argv: readonly string[],
  options: Pick<JobOptions, 'onStdout' | 'onStderr' | 'env' | 'signal'>,
) => Promise<number>;

export interface NixOptions {
  run: RunThere;
  /** The flake: "path:/mvm/src/sub", "github:owner/repo". */
  flake: string;
  /** The whole attribute path: "packages.x86_64-linux.dev". */
  attribute: string;
  /** Flake inputs to replace, by name ("mvm", "mvm/nixpkgs"); each only where the flake has it. */
  overrides?: Readonly<Record<string, string>>;
  /** Settings of nix.conf for this run. */
  settings?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** Gets what Nix does as it does it. */
  listener?: NixListener;
  /** The file that the listener writes the whole log to; for errors. */
  log?: string | undefined;
  /** Names of the package set made of Debian's, where it stands in for nixpkgs; asked for on failure only. */
  names?: () => Promise<Iterable<string> | undefined>;
  hostNix?: boolean;
  signal: AbortSignal;
}

export interface NixBuildOptions extends NixOptions {
  /** Where Nix's store is; /nix/store unless given. */
  storeDir?: string;
  /** Keeps the result from the store's garbage collection: the path of a link to it. */
  outLink?: string;
}

/** What a run of Nix did. */
export interface NixRun extends Pick<NixProgress, 'finished' | 'warnings' | 'state'> {
  /** Milliseconds, from starting Nix to its end. */
  ms: number;
}

/**
 * Builds an attribute of a flake in the builder; the store path of its output, and what was done. An
 * abort ends the build inside.
 * @throws MvmError EVAL_FAILED, BUILD_FAILED, BUILDER_FAILED, CHANNELS_BUSY, and the signal's reason
 */
export async function nixBuild(options: NixBuildOptions): Promise<{ path: string; run: NixRun }> {
  const { outLink, storeDir = '/nix/store' } = options;
  const link = outLink === undefined ? ['--no-link'] : ['--out-link', outLink];
  const { output, run } = await nix('build', ['--print-out-paths', ...link], options);
  const paths = output.trim().split('\n').filter(Boolean);
  const [path] = paths;
  if (paths.length === 1 && path !== undefined && dirname(path) === storeDir) return { path, run };
  throw new MvmError(
    'BUILD_FAILED',
    `${options.attribute} gives ${paths.length} outputs, but an image must be one.`,
    {
      details: paths,
    },
  );
}

/**
 * Evaluates an attribute of a flake to JSON, building nothing. `apply` is a Nix function that the value is
 * given to first. Throws as `nixBuild` does.
 */
export async function nixEval(options: NixOptions & { apply?: string }): Promise<unknown> {
  const { apply } = options;
  const extra = ['--json', ...(apply === undefined ? [] : ['--apply', apply])];
  const { output } = await nix('eval', extra, options);
  return JSON.parse(output) as unknown;
}

/** Arguments that every run of Nix on a flake gets. */
export function flakeArguments({
  overrides = {},
  settings = {},
}: Pick<NixOptions, 'overrides' | 'settings'>): string[] {
  return [
    ...['--extra-experimental-features', 'nix-command flakes', '--no-write-lock-file'],
    ...Object.entries(overrides).flatMap(([input, url]) => ['--override-input', input, url]),
    ...Object.entries(settings).flatMap(([name, value]) => ['--option', name, value]),
  ];
}

async function nix(
  command: 'build' | 'eval',
  extra: readonly string[],
  options: NixOptions,
): Promise<{ output: string; run: NixRun }> {
  const { flake, attribute, signal, log, listener = silent } = options;
  // The dot: exactly this attribute, no guesses.
  const argv = [
    'nix',
    command,
    `${flake}#.${attribute}`,
    '--log-format',
    'internal-json',
    '-v',
    '--show-trace',
  ];
  const progress = createNixProgress(listener);
  const output: Buffer[] = [];
  const lines = byLine(progress.take);
  const started = performance.now();
  const status = await options.run([...argv, ...flakeArguments(options), ...extra], {
    onStdout: (chunk) => output.push(chunk),
    onStderr: lines.take,
    signal,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  lines.end();
  if (status !== 0) {
    const names = await options.names?.();
    const hostNix = options.hostNix === true;
    throw nixFailure(progress, {
      what: attribute,
      status,
      log,
      hostNix,
      ...(names === undefined ? {} : { names }),
    });
  }
  const { finished, warnings, state } = progress;
  const run = { finished, warnings, state, ms: performance.now() - started };
  return { output: Buffer.concat(output).toString('utf8'), run };
}

const silent: NixListener = { progress() {}, status() {} };
