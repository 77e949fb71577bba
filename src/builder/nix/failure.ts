import { MvmError } from '../../errors/mvm-error.ts';
import { type ExplainOptions, explainNixFailure } from './explain.ts';
import type { NixProgress } from './progress.ts';

export interface FailedRun extends Pick<ExplainOptions, 'names' | 'hostNix'> {
  /** What was asked for: "packages.x86_64-linux.dev". */
  what: string;
  status: number;
  /** The file with the whole log. */
  log?: string | undefined;
}

/** The error for a run of Nix that failed. */
export function nixFailure(run: NixProgress, { what, status, log, ...known }: FailedRun): MvmError {
  const file = log === undefined ? {} : { log };
  if (run.errors.length === 0) {
    return new MvmError('BUILDER_FAILED', `Nix ended with status ${status} without a message, for ${what}.`, {
      ...file,
      hint: 'mvmctl builder status',
    });
  }
  const { code, message, details, hint } = explainNixFailure(run.errors, {
    logOf: run.logOf,
    warnings: run.warnings,
    ...known,
  });
  return new MvmError(code, message, { details, ...file, ...(hint === undefined ? {} : { hint }) });
}
