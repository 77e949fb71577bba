import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { writeAtomic } from './write.ts';

/**
 * A JSON state file with a version. `read` gives undefined where there is no file, throws STATE_VERSION for
 * one of a newer mvmctl and VM_BROKEN for one that is truncated or does not fit the schema.
 */
export interface RecordFile<T> {
  read(path: string): Promise<T | undefined>;
  write(path: string, value: T): Promise<void>;
}

export function recordFile<T extends object>(options: {
  what: string;
  version: number;
  schema: v.GenericSchema<unknown, T>;
  mode?: number;
}): RecordFile<T> {
  const { what, version, schema, mode } = options;
  return {
    async read(path) {
      let text: string;
      try {
        // A small local file: four trips through the thread pool would take longer than reading it.
        text = readFileSync(path, 'utf8');
      } catch (error) {
        if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
        throw error;
      }
      let json: unknown;
      try {
        json = JSON.parse(text);
      } catch (error) {
        throw new MvmError('VM_BROKEN', `The ${what} ${path} is not valid JSON (truncated?).`, {
          cause: error,
        });
      }
      const found = (json as { version?: unknown } | null)?.version;
      if (typeof found === 'number' && found > version) {
        throw new MvmError(
          'STATE_VERSION',
          `The ${what} ${path} was written by a newer mvmctl (format ${found}; this one knows ${version}).`,
          { hint: 'Use the newer mvmctl for this VM.' },
        );
      }
      const result = v.safeParse(schema, json);
      if (!result.success) {
        const issue = result.issues[0];
        const where = v.getDotPath(issue) ?? 'the top level';
        throw new MvmError('VM_BROKEN', `The ${what} ${path} is damaged at ${where}: ${issue.message}`);
      }
      return result.output;
    },
    write: (path, value) => writeAtomic(path, `${JSON.stringify({ version, ...value }, null, 2)}\n`, mode),
  };
}
