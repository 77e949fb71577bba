import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as v from 'valibot';
import { accessReason, writeError } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { checksum } from './checksum.ts';
import { writeAtomic } from './write.ts';

/** The result of reading a record: its value, from the file or its copy, and what is wrong with the file. */
export interface Loaded<T> {
  value: T | undefined;
  /** VM_BROKEN; STATE_VERSION for a file of a newer mvmctl, which has no value here. */
  problem: MvmError | undefined;
}

/** A JSON state file with a version and a checksum. */
export interface RecordFile<T> {
  /** Neither value nor problem where there is no file. */
  load(path: string): Promise<Loaded<T>>;
  /** The value; undefined where there is no file. Throws the problem where there is no value. */
  read(path: string): Promise<T | undefined>;
  /** Throws STATE_WRITE. */
  write(path: string, value: T): Promise<void>;
  /** Removes it with its copy. Throws STATE_WRITE. */
  remove(path: string): Promise<void>;
}

const copyOf = (path: string): string => `${path}.bak`;

/** @param options.copy a second copy, `.bak`, is kept next to it for when the file is damaged or lost */
export function recordFile<T extends object>(options: {
  what: string;
  version: number;
  schema: v.GenericSchema<unknown, T>;
  mode?: number;
  copy?: boolean;
}): RecordFile<T> {
  const { what, version, mode, copy = false } = options;
  const load = async (path: string): Promise<Loaded<T>> => {
    const found = readOne(options, path);
    const { problem } = found;
    if (!copy || found.value !== undefined || problem?.code === 'STATE_VERSION') return found;
    const { value } = readOne(options, copyOf(path));
    if (value === undefined) return found;
    const lost = () => new MvmError('VM_BROKEN', `The ${what} ${path} is missing.`);
    return { value, problem: problem ?? lost() };
  };
  return {
    load,
    async read(path) {
      const { value, problem } = await load(path);
      if (value === undefined && problem !== undefined) throw problem;
      return value;
    },
    async write(path, value) {
      const sum = checksum(JSON.stringify({ version, ...value }));
      const text = `${JSON.stringify({ version, sum, ...value }, null, 2)}\n`;
      // The copy first: one that is older than the file would be believed when the file is damaged.
      if (copy) await writeAtomic(copyOf(path), text, mode, { sync: false });
      await writeAtomic(path, text, mode);
    },
    async remove(path) {
      for (const one of copy ? [copyOf(path), path] : [path]) {
        await rm(one, { recursive: true, force: true }).catch((error: unknown) => {
          throw writeError(error, one);
        });
      }
    },
  };
}

function readOne<T extends object>(
  { what, version, schema }: { what: string; version: number; schema: v.GenericSchema<unknown, T> },
  path: string,
): Loaded<T> {
  const broken = (text: string, cause?: unknown): Loaded<T> => ({
    value: undefined,
    problem: new MvmError('VM_BROKEN', `The ${what} ${path} ${text}`, { cause }),
  });
  let text: string;
  try {
    // A small local file: four trips through the thread pool would take longer than reading it.
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return { value: undefined, problem: undefined };
    return broken(`can't be read: ${accessReason(error)}.`, error);
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return broken('is not valid JSON (truncated?).', error);
  }
  const { sum, ...content } = (json ?? {}) as { version?: unknown; sum?: unknown };
  // Files of version 0.1 have none.
  if (sum !== undefined && sum !== checksum(JSON.stringify(content)))
    return broken('is damaged: its checksum is another.');
  const found = content.version;
  if (typeof found === 'number' && found > version) {
    const problem = new MvmError(
      'STATE_VERSION',
      `The ${what} ${path} was written by a newer mvmctl (format ${found}; this one knows ${version}).`,
      { hint: 'use the newer mvmctl for this VM' },
    );
    return { value: undefined, problem };
  }
  const result = v.safeParse(schema, json);
  if (result.success) return { value: result.output, problem: undefined };
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? 'the top level';
  return broken(`is damaged at ${where}: ${issue.message}`);
}
