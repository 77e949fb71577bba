import type { Totals } from '../../copy/copy.ts';
import type { OnSkipped } from '../../copy/source.ts';
import { phase } from '../../events/events.ts';
import type { Context } from '../context.ts';
import { bytes } from './format.ts';

/** Progress is shown this often, in milliseconds. */
const showMs = 100;
/** So many of what is skipped is named. */
const mostNamed = 10;

/** What a copy tells while it works. */
export interface Copying {
  onSkipped: OnSkipped;
  /** Runs it as a phase where a person looks on. `total` is in bytes. */
  during(
    total: number | undefined,
    work: (onProgress: (totals: Totals) => void) => Promise<Totals>,
  ): Promise<void>;
}

/** @param isOutput what is copied goes to standard output, which may be the same terminal */
export function showCopying(context: Context, label: string, isOutput: boolean): Copying {
  const { env, stderr, stdout, emit } = context;
  const asked = env.MVM_PROGRESS === 'plain' || env.MVM_PROGRESS === 'json';
  const isShown = asked || (stderr.isTTY === true && !(isOutput && stdout.isTTY === true));
  let skipped = 0;
  const note = (text: string) => emit({ type: 'note', level: 'warn', text });
  return {
    onSkipped(why, path) {
      if (++skipped <= mostNamed) note(`${path} is ${why}, and is not copied.`);
    },
    async during(total, work) {
      if (!isShown) await work(() => {});
      else
        await phase(
          emit,
          'copy',
          label,
          async ({ progress, status }) => {
            const begun = performance.now();
            let next = 0;
            return work(({ files, bytes: count }) => {
              const now = performance.now();
              if (now < next) return;
              next = now + showMs;
              progress(count, total);
              status(words(files, count, now - begun));
            });
          },
          ({ files, bytes: count }) => `${items(files)}, ${bytes(count)}`,
        );
      if (skipped > mostNamed) note(`${skipped - mostNamed} more are not copied.`);
    },
  };
}

const items = (files: number): string => `${files} ${files === 1 ? 'file' : 'files'}`;

function words(files: number, count: number, ms: number): string {
  return `${items(files)} · ${bytes(Math.round((count * 1000) / Math.max(1, ms)))}/s`;
}
