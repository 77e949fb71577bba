import { setTimeout as sleep } from 'node:timers/promises';
import { MvmError } from '../../errors/mvm-error.ts';
import { NetworkError, type RequestOptions, SilenceError } from './http.ts';

export interface RetryOptions {
  url: string;
  signal?: AbortSignal | undefined;
  /** Failures in a row before giving up; 4 unless given. */
  attempts?: number | undefined;
  /** Milliseconds before the second try, doubled for each further one; 500 unless given. */
  backoffMs?: number | undefined;
  /** Called before each pause, with the reason. */
  onRetry?: ((reason: string) => void) | undefined;
  /** As of a request. */
  onSilence?: RequestOptions['onSilence'];
}

/** The host of a URL, for messages: a URL may hold a password. */
export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/**
 * Runs `work` again after network errors. `gained` says whether a failed try still made progress; then the
 * count starts again. A silent server is asked again only if it had sent something before. Throws MIRROR_UNREACHABLE; other errors and aborts pass.
 */
export async function withRetries<T>(
  options: RetryOptions,
  work: () => Promise<T>,
  gained: () => boolean = () => false,
): Promise<T> {
  const { attempts = 4, backoffMs = 500, signal } = options;
  for (let failures = 0; ; ) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof NetworkError)) throw error;
      const further = gained();
      failures = further ? 1 : failures + 1;
      if (failures >= attempts || (error instanceof SilenceError && !further)) {
        throw new MvmError('MIRROR_UNREACHABLE', `Can't reach ${hostOf(options.url)}: ${error.message}.`, {
          cause: error,
          hint: `curl -I ${publicUrl(options.url)}`,
        });
      }
      options.onRetry?.(error.message);
      await sleep(backoffMs * 2 ** (failures - 1), undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** A URL without its password. */
export function publicUrl(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}
