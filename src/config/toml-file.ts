import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { nearest } from '../errors/nearest.ts';
import { lineOf } from './toml-lines.ts';

/** A configuration file that was read and fits its schema. */
export interface TomlFile<T> {
  path: string;
  values: T;
  /** `path:line` of a key, for messages and for saying where a value came from. */
  at(...key: string[]): string;
}

type Schema<T> = v.GenericSchema<unknown, T> & { readonly entries: Readonly<Record<string, unknown>> };

/**
 * Reads a TOML file; undefined where there is none. Throws CONFIG_INVALID with file, line and key for a
 * syntax error, an unknown key (with the nearest known one) and a value that does not fit.
 */
export async function readToml<T>(path: string, schema: Schema<T>): Promise<TomlFile<T> | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    if (systemCode(error) === 'EACCES' || systemCode(error) === 'EISDIR') {
      throw new MvmError('CONFIG_INVALID', `Can't read ${path}: ${systemCode(error)}.`, {
        cause: error,
        hint: `ls -ld ${path}`,
      });
    }
    throw error;
  }
  return parseToml(text, path, schema);
}

/** As `readToml`, for a text at hand. `path` is for messages. */
export function parseToml<T>(text: string, path: string, schema: Schema<T>): TomlFile<T> {
  let values: unknown;
  try {
    values = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.split('\n');
    throw new MvmError('CONFIG_INVALID', `${path}:${error.line}:${error.column}: ${what}`, { cause: error });
  }
  const at = (...key: string[]) => `${path}:${lineOf(text, key)}`;
  const result = v.safeParse(schema, values);
  if (result.success) return { path, values: result.output, at };
  throw explain(result.issues[0], Object.keys(schema.entries), at);
}

function explain(
  issue: v.BaseIssue<unknown>,
  known: readonly string[],
  at: TomlFile<unknown>['at'],
): MvmError {
  const key = issue.path?.map((item) => String(item.key)) ?? [];
  const [first = '', second] = key;
  const where = at(...key);
  if (!known.includes(first)) {
    const meant = nearest(first, known);
    return new MvmError('CONFIG_INVALID', `${where}: there is no setting '${first}'.`, {
      hint: meant === undefined ? `settings: ${known.join(', ')}` : `did you mean ${meant}?`,
    });
  }
  return new MvmError('CONFIG_INVALID', `${where}: ${key.join('.')}: ${issue.message}.`, {
    // TOML gives every key behind a [table] line to that table.
    ...(second !== undefined && known.includes(second)
      ? { hint: `if ${second} is a setting of its own, put it above [${first}]` }
      : {}),
  });
}
