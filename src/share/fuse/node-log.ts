import { closeSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { systemCode } from '../../errors/mvm-error.ts';
import type { NodeRecord } from './nodes.ts';

/** A log that has grown to so many bytes is written anew, with what counts of it. */
const longest = 16 * 2 ** 20;

/**
 * What a guest's kernel knows of a share, by numbers: a process that takes the place of one that was killed goes on with it.
 * A line of JSON for each; it outlives the process, not the boot.
 */
export interface NodeLog {
  /** What the process before wrote; undefined where there was none. */
  readonly earlier: Iterable<NodeRecord> | undefined;
  note(record: NodeRecord): void;
  /** Writes what was noted. @param all everything that counts, where the log has to be written anew */
  flush(all: () => Iterable<NodeRecord>): void;
  close(): void;
}

export function openNodeLog(path: string): NodeLog {
  const earlier = readLog(path);
  let fd: number | undefined = openSync(path, 'a', 0o600);
  let lines = '';
  let written = 0;

  function rewrite(all: Iterable<NodeRecord>): void {
    const whole = [...all].map((record) => `${JSON.stringify(record)}\n`).join('');
    writeFileSync(`${path}.new`, whole, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    if (fd !== undefined) closeSync(fd);
    fd = openSync(path, 'a', 0o600);
    written = 0;
  }

  return {
    earlier,
    note(record) {
      lines += `${JSON.stringify(record)}\n`;
    },
    flush(all) {
      if (lines === '' || fd === undefined) return;
      written += lines.length;
      if (written > longest) rewrite(all());
      else writeSync(fd, lines);
      lines = '';
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
      rmSync(`${path}.new`, { force: true });
    },
  };
}

/** Up to a line that was not written whole. */
function readLog(path: string): NodeRecord[] | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const records: NodeRecord[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      records.push(JSON.parse(line) as NodeRecord);
    } catch {
      break;
    }
  }
  return records;
}
