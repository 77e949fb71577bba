import type { Readable } from 'node:stream';
import { MvmError } from '../errors/mvm-error.ts';
import type { RunningVm } from '../vm/vm.ts';
import { runJob } from './job.ts';
import { nixFailure, recordNix } from './nix-failure.ts';
import { sendTree } from './tree.ts';

/** Where a project's source lies in the builder, and what is bundled with the tool. */
export const sourceDir = '/mvm/src';

export interface NixOptions {
  vm: Pick<RunningVm, 'boot' | 'paths'>;
  /** The source as a tar stream, or the folder in the builder that has it already. */
  source: Readable | string;
  /** The whole attribute path: "packages.x86_64-linux.dev". */
  attribute: string;
  /** Flake inputs to replace, by name ("mvm", "mvm/nixpkgs"); each only where the flake has it. */
  overrides?: Readonly<Record<string, string>>;
  /** Settings of nix.conf for this run. */
  settings?: Readonly<Record<string, string>>;
  env?: Readonly<Record<string, string>>;
  /** Each line of Nix's internal-json log, without its end. */
  onEvent?: (line: string) => void;
  signal: AbortSignal;
}

export interface NixBuildOptions extends NixOptions {
  /** Keeps the result from the store's garbage collection, under this name; a later build may replace it. */
  root?: string;
}

/**
 * Builds an attribute of a flake in the builder; returns the store path of its output. An abort ends the
 * build inside.
 * @throws MvmError EVAL_FAILED, BUILD_FAILED, BUILDER_FAILED, CHANNELS_BUSY, and the signal's reason
 */
export async function nixBuild(options: NixBuildOptions): Promise<string> {
  const { root } = options;
  const extra = [
    '--print-out-paths',
    ...(root === undefined ? ['--no-link'] : ['--out-link', `/nix/var/mvm/roots/${rootName(root)}`]),
  ];
  const output = await nix('build', extra, options);
  const paths = output.trim().split('\n').filter(Boolean);
  const [path] = paths;
  if (paths.length === 1 && path !== undefined && /^\/nix\/store\/[^/]+$/.test(path)) return path;
  throw new MvmError('BUILD_FAILED', `${options.attribute} gives ${paths.length} outputs; an image is one.`, {
    details: paths,
  });
}

/**
 * Evaluates an attribute of a flake to JSON, building nothing. `apply` is a Nix function that the value is
 * given to first. Throws as `nixBuild` does.
 */
export async function nixEval(options: NixOptions & { apply?: string }): Promise<unknown> {
  const { apply } = options;
  const output = await nix('eval', ['--json', ...(apply === undefined ? [] : ['--apply', apply])], options);
  return JSON.parse(output) as unknown;
}

function rootName(name: string): string {
  if (/^[a-zA-Z0-9][\w.-]{0,100}$/.test(name)) return name;
  throw new RangeError(`'${name}' can't be the name of a root`);
}

async function nix(
  command: 'build' | 'eval',
  extra: readonly string[],
  options: NixOptions,
): Promise<string> {
  const { vm, source, attribute, overrides = {}, settings = {}, signal } = options;
  const dir = typeof source === 'string' ? source : sourceDir;
  if (typeof source !== 'string') await sendTree(vm, source, dir, { signal });
  const argv = [
    'nix',
    command,
    // The dot: exactly this attribute, no guesses.
    `path:${dir}#.${attribute}`,
    ...['--log-format', 'internal-json', '-v', '--no-write-lock-file'],
    ...Object.entries(overrides).flatMap(([input, url]) => ['--override-input', input, url]),
    ...Object.entries(settings).flatMap(([name, value]) => ['--option', name, value]),
    ...extra,
  ];
  const record = recordNix();
  const output: Buffer[] = [];
  const log = byLine((line) => {
    record.take(line);
    options.onEvent?.(line);
  });
  const status = await runJob(vm, argv, {
    onStdout: (chunk) => output.push(chunk),
    onStderr: log.take,
    signal,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  log.end();
  if (status !== 0) throw nixFailure(record, attribute, status);
  return Buffer.concat(output).toString('utf8');
}

/** Splits bytes into lines; a line may come in pieces, and a character too. */
function byLine(onLine: (line: string) => void): { take: (chunk: Buffer) => void; end: () => void } {
  let rest = Buffer.alloc(0);
  return {
    take(chunk) {
      let from = 0;
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
        onLine(Buffer.concat([rest, chunk.subarray(from, at)]).toString('utf8'));
        rest = Buffer.alloc(0);
        from = at + 1;
      }
      rest = Buffer.concat([rest, chunk.subarray(from)]);
    },
    end() {
      if (rest.length > 0) onLine(rest.toString('utf8'));
      rest = Buffer.alloc(0);
    },
  };
}
