import { MvmError } from '../../errors/mvm-error.ts';
import { nearest } from '../../errors/nearest.ts';
import { type NixOptions, nixEval } from '../nix/build.ts';
import type { BuildTarget } from './target.ts';

/** Names of a flake's packages by system. */
export type Outputs = Readonly<Record<string, readonly string[]>>;

/** Only the names: no package is looked at. */
const namesOfPackages = 'packages: builtins.mapAttrs (_: builtins.attrNames) packages';

/**
 * The error for an output that a flake does not have, with what it has instead; any other error as it is. Asks Nix
 * once more.
 */
export async function withOutputs(
  error: unknown,
  target: Pick<BuildTarget, 'system' | 'profile'>,
  options: NixOptions,
): Promise<unknown> {
  if (!(error instanceof MvmError) || error.code !== 'OUTPUT_MISSING') return error;
  let outputs: Outputs;
  try {
    const { listener: _, ...quiet } = options;
    outputs = (await nixEval({ ...quiet, attribute: 'packages', apply: namesOfPackages })) as Outputs;
  } catch (cause) {
    options.signal.throwIfAborted();
    // It has no packages, or they can't be listed: then the first error is all there is to say.
    if (!(cause instanceof MvmError)) throw cause;
    outputs = {};
  }
  const { message, log, cause } = error;
  return new MvmError('OUTPUT_MISSING', message, {
    ...describeOutputs(outputs, target),
    ...(log === undefined ? {} : { log }),
    cause: cause ?? error,
  });
}

/** What a flake has, a line for each system, and the one thing to do. */
export function describeOutputs(
  outputs: Outputs,
  { system, profile }: Pick<BuildTarget, 'system' | 'profile'>,
): { details: string[]; hint: string } {
  const systems = Object.entries(outputs).filter(([, names]) => names.length > 0);
  const details = systems.map(([name, names]) => `packages.${name} has: ${few(names)}`);
  const own = outputs[system] ?? [];
  const meant = nearest(profile, own);
  if (meant !== undefined) return { details, hint: `mvmctl build --profile ${meant}` };
  const declare = `packages.${system}.${profile} = mvm.lib.${system}.mkGuest { … };`;
  if (own.length === 0 || systems.some(([, names]) => names.includes(profile))) {
    return { details, hint: `add to the flake's outputs: ${declare}` };
  }
  return { details, hint: 'mvmctl build --profile NAME   (one of those, or add another to the flake)' };
}

function few(names: readonly string[]): string {
  return names.length <= 12 ? names.join(', ') : `${names.slice(0, 12).join(', ')}, … (${names.length})`;
}
