import { MvmError } from '../../errors/mvm-error.ts';

/** Keys that detach, pressed one after the other: the bytes that a terminal sends for them. */
export type DetachKeys = readonly number[];

/**
 * Ctrl-] twice. Ctrl-] alone is the way out of telnet and virsh and so easy to remember, but vim jumps to
 * tags with it; pressed twice within half a second it means nothing to shells, vim or emacs.
 */
export const defaultDetachKeys = 'ctrl-],ctrl-]';

/**
 * Reads a list such as `ctrl-p,ctrl-q` or `ctrl-a,d`: each key is `ctrl-` and one of `a`…`z @ [ \ ] ^ _`,
 * or one printable ASCII character; the first needs `ctrl-`. Throws USAGE.
 */
export function parseDetachKeys(text: string): DetachKeys {
  const keys = text.split(',').map((name, i) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(name.trim());
    if (control?.[1] !== undefined) return control[1].toUpperCase().charCodeAt(0) & 0x1f;
    if (i > 0 && /^[\x21-\x7e]$/.test(name.trim())) return name.trim().charCodeAt(0);
    return Number.NaN;
  });
  if (keys.length > 4 || keys.some(Number.isNaN) || keys[0] === 0x1b)
    throw new MvmError(
      'USAGE',
      `The detach keys "${text}" can't be understood. Give up to four keys, the first with ctrl-.`,
      {
        hint: `For example: ${defaultDetachKeys}, or ctrl-p,ctrl-q`,
      },
    );
  return keys;
}

/** For the banner: "Ctrl-] twice", "Ctrl-P Ctrl-Q". */
export function describeDetachKeys(keys: DetachKeys): string {
  const names = keys.map((key) =>
    key < 0x20 ? `Ctrl-${String.fromCharCode(key + 0x40)}` : String.fromCharCode(key),
  );
  if (names.length === 2 && names[0] === names[1]) return `${names[0]} twice`;
  return names.join(' ');
}
