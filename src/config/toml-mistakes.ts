import type { TomlError } from 'smol-toml';
import { MvmError } from '../errors/mvm-error.ts';

/** Something wrong in a file: where, what, and how it is right. */
export interface Mistake {
  /** From 1. */
  line: number;
  text: string;
  /** What to write instead, or what is nearest. */
  hint?: string | undefined;
}

/** One mistake is a message with its hint; of several, each is a line of evidence, in the order of the file. */
export function mistakesError(path: string, mistakes: readonly Mistake[]): MvmError {
  const sorted = [...mistakes].sort((a, b) => a.line - b.line);
  const [first] = sorted;
  if (first !== undefined && sorted.length === 1) {
    return new MvmError('CONFIG_INVALID', `${path}:${first.line}: ${first.text}.`, {
      ...(first.hint === undefined ? {} : { hint: first.hint }),
    });
  }
  const details = sorted.map(
    ({ line, text, hint }) => `line ${line}: ${text}${hint === undefined ? '' : `; ${hint}`}`,
  );
  return new MvmError('CONFIG_INVALID', `${path} has ${sorted.length} mistakes.`, {
    details,
    hint: 'mvmctl validate   (checks it again)',
  });
}

/** A syntax error with its line, as it stands in the file. The parser stops at the first. */
export function syntaxError(error: TomlError, text: string, path: string): MvmError {
  const [what = ''] = error.message.split('\n');
  const row = text.split('\n')[error.line - 1]?.trimEnd() ?? '';
  const hint = rightForm(row);
  return new MvmError(
    'CONFIG_INVALID',
    `${path}:${error.line}:${error.column}: ${what.replace(/^Invalid TOML document: /, '')}.`,
    {
      cause: error,
      ...(row.trim() === '' ? {} : { details: [row] }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

/** How a line would be right that another format's writer, or a shell's, would write. */
function rightForm(row: string): string | undefined {
  const [, key, sign, value = ''] = /^\s*([\w.-]+)\s*([=:])\s*(.*?)\s*(?:#.*)?$/.exec(row) ?? [];
  if (key === undefined || value.includes('"') || value.includes("'")) return undefined;
  const isPlain = /^(?:true|false|[+-]?\d+(?:\.\d+)?)$/.test(value);
  if (value === '') return `for example: ${key} = "…"`;
  if (!isPlain && /^[\w./~:+@#-]+$/.test(value)) return `write: ${key} = "${value}"`;
  return sign === ':' ? `write: ${key} = ${value}` : undefined;
}
