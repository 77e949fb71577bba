import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { nearest } from '../errors/nearest.ts';
import { lineOf } from './toml-lines.ts';
import { type Mistake, mistakesError, syntaxError } from './toml-mistakes.ts';
import { tomlText } from './toml-text.ts';

/** A configuration file that was read and fits its schema. */
export interface TomlFile<T> {
  path: string;
  values: T;
  /** `path:line` of a key, for messages and for saying where a value came from. */
  at(...key: string[]): string;
}

type Schema<T> = v.GenericSchema<unknown, T> & { readonly entries: Readonly<Record<string, unknown>> };

/** What a file's readers may expect and do not find, and how its values look. */
export interface TomlWords {
  /** Of keys that other tools have: ours, or why there is none. */
  foreign?: Readonly<Record<string, { ours: string } | { why: string }>>;
  /** A value as it is right, by key; of a table, a line in it. */
  forms?: Readonly<Record<string, string>>;
}

/**
 * Reads a TOML file; undefined where there is none. Throws CONFIG_INVALID with file, line and key for a syntax error,
 * and with all mistakes at once for unknown keys (with the nearest known one) and values that do not fit.
 */
export async function readToml<T>(
  path: string,
  schema: Schema<T>,
  words: TomlWords = {},
): Promise<TomlFile<T> | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
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
  return parseToml(tomlText(bytes, path), path, schema, words);
}

/** As `readToml`, for a text at hand. `path` is for messages. */
export function parseToml<T>(
  text: string,
  path: string,
  schema: Schema<T>,
  words: TomlWords = {},
): TomlFile<T> {
  let values: Record<string, unknown>;
  try {
    values = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw syntaxError(error, text, path);
  }
  const line = (...key: string[]) => lineOf(text, key);
  const known = Object.keys(schema.entries);
  const mistakes: Mistake[] = [];
  for (const key of Object.keys(values)) {
    if (known.includes(key)) continue;
    mistakes.push({ line: line(key), ...unknownKey(key, known, words) });
    // Mistakes that have been reported are not reported again.
    delete values[key];
  }
  const result = v.safeParse(schema, values, { abortPipeEarly: true });
  for (const issue of result.issues ?? []) {
    const key = issue.path?.map((item) => String(item.key)) ?? [];
    mistakes.push({ line: line(...key), ...badValue(issue, key, known, words) });
  }
  if (mistakes.length > 0 || !result.success) throw mistakesError(path, mistakes);
  return { path, values: result.output, at: (...key) => `${path}:${line(...key)}` };
}

function unknownKey(
  key: string,
  known: readonly string[],
  { foreign = {} }: TomlWords,
): Pick<Mistake, 'text' | 'hint'> {
  const meant = Object.hasOwn(foreign, key) ? foreign[key] : undefined;
  if (meant !== undefined && 'why' in meant) return { text: `'${key}' is not a setting here: ${meant.why}` };
  const ours = meant?.ours ?? nearest(key, known);
  return {
    text: `there is no setting '${key}'`,
    hint: ours === undefined ? `settings: ${known.join(', ')}` : `did you mean ${ours}?`,
  };
}

function badValue(
  issue: v.BaseIssue<unknown>,
  key: readonly string[],
  known: readonly string[],
  { forms = {} }: TomlWords,
): Pick<Mistake, 'text' | 'hint'> {
  const [first = '', second] = key;
  const text =
    issue.expected === 'never' && second !== undefined
      ? `there is no setting '${second}' in [${first}]`
      : `${key.join('.')}: ${issue.message}`;
  // TOML gives every key behind a [table] line to that table.
  if (second !== undefined && known.includes(second))
    return { text, hint: `if ${second} is a setting on its own, put it above [${first}]` };
  if (issue.expected === 'never') return { text };
  const form = second === undefined ? forms[first] : `${second} = ${quoted(issue.input)}`;
  return { text, ...(form === undefined ? {} : { hint: `for example: ${form}` }) };
}

/** A value of a table of strings, as the string that was meant. */
function quoted(value: unknown): string {
  const plain = ['number', 'boolean', 'bigint'].includes(typeof value);
  return plain ? JSON.stringify(String(value)) : '"…"';
}
