import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { MvmError } from '../../errors/mvm-error.ts';

/**
 * Refuses arguments that are not UTF-8, which Node has changed before we see them. What was given is read from the
 * kernel; on other systems it can't be checked.
 * @throws MvmError USAGE
 */
export function checkArgumentBytes(count: number): void {
  if (process.platform !== 'linux') return;
  const given = split(readFileSync('/proc/self/cmdline')).slice(-count);
  const at = given.findIndex((bytes) => !isUtf8(bytes));
  if (at < 0) return;
  throw new MvmError(
    'USAGE',
    `The argument ${shown(given[at] as Buffer)} is not UTF-8, so it can't be passed on.`,
    {
      hint: "pass such bytes on standard input: printf 'a\\377b' | mvmctl exec -i -- …",
    },
  );
}

function split(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    parts.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return parts;
}

/** As a shell would take it: what is not printable ASCII as an escape. */
function shown(bytes: Buffer): string {
  const escaped = [...bytes.subarray(0, 40)].map((byte) =>
    byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  );
  return `$'${escaped.join('')}${bytes.length > 40 ? '…' : ''}'`;
}
