/**
 * Runs a CommonJS file with the code that V8 compiled for it in an earlier run. What is kept is what that run
 * called; Node's own cache (node:module) keeps only what is compiled before anything runs, and Node 20 has none.
 */
import { closeSync, fstatSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';
import { makeDir } from './state/make-dir.ts';

export interface KeptCode {
  /** Where the code is kept; undefined: nowhere. */
  path: string | undefined;
  /** 64 hex digits that change with the program: V8 itself compares only its own version and the text's length. */
  digest: string;
}

/**
 * Runs the program and gives what it exports.
 * @param worthKeeping asked at the process's end, where no code was kept yet
 */
export function runWithKeptCode<Exports extends object>(
  file: string,
  { path, digest }: KeptCode,
  worthKeeping: (exports: Exports) => boolean,
): void {
  const cachedData = path === undefined ? undefined : readKept(path, digest);
  // The bundle is plain ASCII, which is read fastest so.
  const source = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const program = { exports: {} as Exports };
  if (path !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) {
    // V8 drops the code of what has not run for a while, which in a command of some seconds is how it began; without
    // that code each later run would compile the whole program for it.
    const { setFlagsFromString } = require('node:v8') as typeof import('node:v8');
    setFlagsFromString('--no-flush-bytecode');
    process.once('exit', () => {
      // V8 takes the code only under the flags that it was kept under.
      setFlagsFromString('--flush-bytecode');
      if (worthKeeping(program.exports)) keep(path, digest, script.createCachedData());
    });
  }
  script.runInThisContext()(program.exports, require, program, file, dirname(file));
}

/** Undefined where nothing usable is kept. Code that another user could have written is never run. */
function readKept(path: string, digest: string): Buffer | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const { uid, mode } = fstatSync(fd);
      if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) return undefined;
      const bytes = readFileSync(fd);
      if (bytes.toString('latin1', 0, digest.length) !== digest) return undefined;
      const middle = (bytes.length + digest.length) / 2;
      const code = bytes.subarray(digest.length, middle);
      return code.equals(bytes.subarray(middle)) ? code : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not there yet, or not for us to read: everything works without it, only slower.
    return undefined;
  }
}

/**
 * V8 does not check what it is given: a flipped bit ends the process, at each start. So the code is there twice,
 * which takes a tenth of the time of a checksum (node:zlib is not loaded otherwise).
 */
function keep(path: string, digest: string, code: Buffer): void {
  const temporary = `${path}.${process.pid}`;
  try {
    makeDir(dirname(path));
    writeFileSync(temporary, Buffer.concat([Buffer.from(digest, 'latin1'), code, code]), { mode: 0o600 });
    renameSync(temporary, path);
  } catch {
    // A full disk or a read-only home costs the next start some milliseconds, but causes no error.
    discard(temporary);
  }
}

/** Half of it would only take the room that the disk has left. */
function discard(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was not made, or can't go.
  }
}
