import type { Phase } from '../events/events.ts';
import type { Mirror } from './mirror.ts';
import { hostOf, type RetryOptions } from './retry.ts';

/** Lets a phase say what a download waits for. */
export function tellWaits(
  progress: Pick<Phase, 'status'>,
  { url }: Pick<Mirror, 'url'>,
): Required<Pick<RetryOptions, 'onRetry' | 'onSilence'>> {
  return {
    onRetry: (reason) => progress.status(`trying ${hostOf(url)} again: ${reason}`),
    onSilence: (seconds) =>
      progress.status(`no answer from ${hostOf(url)} for ${seconds} seconds; still waiting`),
  };
}
