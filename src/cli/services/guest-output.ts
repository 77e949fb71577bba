import { once } from 'node:events';
import { Transform, type Writable } from 'node:stream';
import type { Context } from '../context.ts';
import { wantsColor } from '../render/progress.ts';
import { logLine } from '../render/untrusted.ts';

/** A line that does not end is shown in pieces of this many bytes. */
const longest = 16 * 1024;

/**
 * Gives `write` standard output for text that a guest wrote: a terminal gets it line by line, without what could drive
 * it; anything else gets the bytes.
 */
export async function withGuestOutput(
  { stdout, env }: Context,
  write: (out: Writable) => Promise<void>,
): Promise<void> {
  if (!stdout.isTTY) return write(stdout);
  const clean = lines(wantsColor(stdout, env));
  clean.pipe(stdout, { end: false });
  try {
    await write(clean);
  } finally {
    clean.end();
    await once(clean, 'end');
  }
}

/** Takes text in any pieces and gives harmless lines. */
function lines(colors: boolean): Transform {
  let begun: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const all = Buffer.concat([begun, chunk]);
      const whole = all.lastIndexOf('\n') + 1;
      const end = all.length - whole > longest ? all.length : whole;
      begun = all.subarray(end);
      done(null, clean(all.subarray(0, end), colors));
    },
    flush: (done) => done(null, clean(begun, colors)),
  });
}

function clean(text: Buffer, colors: boolean): string {
  return text
    .toString()
    .split('\n')
    .map((line) => logLine(line, colors))
    .join('\n');
}
