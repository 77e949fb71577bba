import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { nearest } from '../errors/nearest.ts';

const entries = {
  /** Base address of a Debian mirror, as in an apt source. */
  debian_mirror: v.optional(v.pipe(v.string(), v.url('must be an address'))),
  /** Keys that detach from a console, as `ctrl-p,ctrl-q`. */
  detach_keys: v.optional(v.string()),
};
const schema = v.strictObject(entries);

/** The user's own configuration, `~/.config/mvm/config.toml`; see docs/reference/settings.md. */
export type UserConfig = v.InferOutput<typeof schema>;

/** What each key of the configuration file means; settings.md is made from it. */
export const userConfigKeys: Record<keyof typeof entries, string> = {
  debian_mirror: 'Debian mirror to use instead of the one in apt’s configuration',
  detach_keys: 'keys that detach from a console, as `ctrl-p,ctrl-q`; `ctrl-],ctrl-]` unless given',
};

/** Reads the configuration file; no file is an empty one. Throws CONFIG_INVALID with file, line and key. */
export async function readUserConfig(path: string): Promise<UserConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return {};
    throw error;
  }
  let values: unknown;
  try {
    values = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [what = ''] = error.message.split('\n');
    throw new MvmError('CONFIG_INVALID', `${path}:${error.line}:${error.column}: ${what}`, { cause: error });
  }
  const result = v.safeParse(schema, values);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const key = String(issue.path?.[0]?.key ?? '');
  const line = text.split('\n').findIndex((row) => row.trimStart().startsWith(key)) + 1;
  if (!(key in entries)) {
    const meant = nearest(key, Object.keys(entries));
    throw new MvmError('CONFIG_INVALID', `${path}:${line}: there is no setting '${key}'.`, {
      hint: meant === undefined ? `settings: ${Object.keys(entries).join(', ')}` : `did you mean ${meant}?`,
    });
  }
  throw new MvmError('CONFIG_INVALID', `${path}:${line}: ${key}: ${issue.message}.`);
}
