import type { Phase } from '../../events/events.ts';
import type { Mirror } from '../mirror/mirror.ts';
import { hostOf, type RetryOptions } from './retry.ts';

/** Lets a phase say what a download waits for. */
export function tellWaits(
  progress: Pick<Phase, 'status'>,
  { url }: Pick<Mirror, 'url'>,
): Required<Pick<RetryOptions, 'onRetry' | 'onSilence'>> {
  return {
    onRetry: (reason) => progress.status(`trying ${hostOf(url)} again: ${reason}`),
    onSilence: (seconds, limit) =>
      progress.status(`${hostOf(url)} has sent nothing for ${seconds} seconds; given up after ${limit}`),
  };
}
