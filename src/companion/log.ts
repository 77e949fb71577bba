import { writeSync } from 'node:fs';
import { boundLog } from '../state/old-logs.ts';

/** Bytes that are kept of a companion's log. */
const mostLog = 2 ** 18;
/** Lines between two looks at its size. */
const lookLines = 200;

/** Writes lines to standard output, which is the file at `path`, and keeps that within its bounds. */
export function companionLog(path: string): (text: string) => void {
  let lines = 0;
  return (text) => {
    // A reason may be the guest's.
    const line = text.replace(/[^\x20-\x7e]/g, '?').slice(0, 500);
    try {
      writeSync(1, `${new Date().toISOString()} ${line}\n`);
    } catch {
      return; // A full disk costs the line.
    }
    if (++lines % lookLines === 0) boundLog(path, mostLog);
  };
}
