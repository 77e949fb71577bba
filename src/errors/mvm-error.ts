import { codes, type ErrorCode } from './codes.ts';

export interface MvmErrorOptions {
  /** A command to run, or the one thing to do; shown on a line of its own. */
  hint?: string;
  cause?: unknown;
  /** Lines of evidence shown under the message: the end of a log, the nearest names. */
  details?: readonly string[];
  /** A log file with the whole story. */
  log?: string;
  /** Instead of the code's own exit status. */
  exit?: number;
}

/**
 * The one error type that a user meets. The message says what and where (with the path), the hint what to
 * do. Anything thrown that is not an MvmError is a bug and is reported as such.
 */
export class MvmError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly log: string | undefined;
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, options: MvmErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'MvmError';
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? [];
    this.log = options.log;
    this.exitCode = options.exit ?? codes[code].exit;
  }
}

/** The `code` of a Node system error (`ENOENT`, `ENOSPC`, …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
