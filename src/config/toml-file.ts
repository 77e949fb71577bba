import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { nearest } from '../errors/nearest.ts';
import { shellWord } from '../errors/shell-word.ts';
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
  /** A value as it is right, by key; of a table, a line in it. A key in a table is `table.key`. */
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
        hint: `ls -ld ${shellWord(path)}`,
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
    mistakes.push({ line: line(...key), ...badValue(issue, key, schema, words) });
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
  schema: Schema<unknown>,
  { forms = {} }: TomlWords,
): Pick<Mistake, 'text' | 'hint'> {
  const example = (form: string | undefined) => (form === undefined ? {} : { hint: `for example: ${form}` });
  const notTable = issue.path?.findIndex(({ type, input }) => type !== 'array' && Array.isArray(input)) ?? -1;
  if (notTable > 0) {
    const name = key.slice(0, notTable).join('.');
    return { text: `${name}: must be a table, not a list`, ...example(forms[name]) };
  }
  const [first = '', second] = key;
  const known = Object.keys(schema.entries);
  if (issue.expected === 'never' && second !== undefined) {
    const text = `there is no setting '${second}' in [${first}]`;
    return { text, hint: aboveTable(second, first, known) ?? settingsOf(schema, first, second) };
  }
  const text = `${nameOf(issue, key)} ${issue.message}`;
  if (second === undefined) return { text, ...example(forms[first]) };
  const hint = aboveTable(second, first, known);
  if (hint !== undefined) return { text, hint };
  return { text, ...example(forms[`${first}.${second}`] ?? `${second} = ${quoted(issue.input)}`) };
}

/** TOML gives every key behind a [table] line to that table. */
function aboveTable(key: string, name: string, known: readonly string[]): string | undefined {
  return known.includes(key) ? `if ${key} is a setting on its own, put it above [${name}]` : undefined;
}

/** What was meant in a table of settings, or all that it has. */
function settingsOf(schema: Schema<unknown>, name: string, key: string): string | undefined {
  const { wrapped } = schema.entries[name] as { wrapped?: { entries?: Readonly<Record<string, unknown>> } };
  const known = Object.keys(wrapped?.entries ?? {});
  const meant = nearest(key, known);
  return meant === undefined ? `settings of [${name}]: ${known.join(', ')}` : `did you mean ${meant}?`;
}

/** The key and a colon; of an item of a list, the list's key and the item. */
function nameOf(issue: v.BaseIssue<unknown>, key: readonly string[]): string {
  return issue.path?.at(-1)?.type === 'array'
    ? `${key.slice(0, -1).join('.')}: ${JSON.stringify(issue.input)}`
    : `${key.join('.')}:`;
}

/** A value of a table of strings, as the string that was meant. */
function quoted(value: unknown): string {
  const plain = ['number', 'boolean', 'bigint'].includes(typeof value);
  return plain ? JSON.stringify(String(value)) : '"…"';
}
