import { closeSync, fstatSync, readSync } from 'node:fs';
import { styleText } from 'node:util';
import type { Difference } from '../../share/overlay/changes/differences.ts';
import { textOf } from '../../share/overlay/changes/shown-change.ts';
import type { OpenOverlay } from '../../share/overlay/open-overlay.ts';
import type { Names } from '../../share/tree/tree.ts';
import { escaped, harmless } from './untrusted.ts';

/** Bigger files are not compared, in bytes. */
const most = 1 << 20;
/** How long a comparison may take, in milliseconds. */
const longestMs = 5000;

interface Shown {
  color: boolean;
  /** For a terminal, to which a guest's text is made harmless. */
  isTerminal: boolean;
}

/** What changed in a file, as a unified diff; of what is no text, that it differs. */
export async function changeDiff(
  { lower, upper }: Pick<OpenOverlay, 'lower' | 'upper'>,
  one: Difference,
  { color, isTerminal }: Shown,
): Promise<string> {
  const { createTwoFilesPatch } = await import('diff');
  const { item, gone, path, from } = one;
  const origin = item?.node.origin?.split('/') ?? (one.status === 'A' ? undefined : (from ?? path));
  const before = gone !== undefined || origin !== undefined ? hostText(lower, origin ?? path) : '';
  const after = item === undefined ? '' : (guestText(upper, item.node) ?? before);
  const [old, now] = [`a/${textOf(from ?? path)}`, `b/${textOf(path)}`].map(escaped) as [string, string];
  if (before === after) return '';
  if (before === undefined || after === undefined) return `Binary files ${old} and ${now} differ\n`;
  const names = [one.status === 'A' ? '/dev/null' : old, one.status === 'D' ? '/dev/null' : now] as const;
  const made = createTwoFilesPatch(...names, before, after, undefined, undefined, { timeout: longestMs });
  if (made === undefined) return `Files ${old} and ${now} differ\n`;
  const text = made.replace(/^=+\n/, '');
  return (isTerminal ? harmless(text) : text).replace(/^([-+@]).*$/gm, (line, sign: string) =>
    color && !/^(---|\+\+\+) /.test(line)
      ? styleText(sign === '+' ? 'green' : sign === '-' ? 'red' : 'cyan', line, { validateStream: false })
      : line,
  );
}

/** Undefined where it is no text. */
function hostText(lower: OpenOverlay['lower'], path: Names): string | undefined {
  try {
    if ((lower.stat(path).mode & 0o170000) === 0o120000) return lower.readLink(path).toString();
    return textIn(lower.open(path, 'read'));
  } catch {
    return '';
  }
}

function guestText(
  upper: OpenOverlay['upper'],
  { id, hasData, text }: NonNullable<Difference['item']>['node'],
): string | undefined {
  if (text !== undefined) return Buffer.from(text, 'latin1').toString();
  return hasData ? textIn(upper.contents.open(id, 'read')) : '';
}

function textIn(fd: number): string | undefined {
  try {
    const { size } = fstatSync(fd);
    if (size > most) return undefined;
    const bytes = Buffer.alloc(size);
    let at = 0;
    for (let n = -1; n !== 0 && at < size; at += n) n = readSync(fd, bytes, at, size - at, at);
    const text = bytes.subarray(0, at).toString();
    return text.includes('\0') || text.includes('\ufffd') ? undefined : text;
  } finally {
    closeSync(fd);
  }
}
