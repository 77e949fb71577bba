import * as v from 'valibot';
import { readToml } from './toml-file.ts';

const entries = {
  /** Base address of a Debian mirror, as in an apt source. */
  debian_mirror: v.optional(v.pipe(v.string(), v.url('must be an address'))),
  /** Keys that detach from a console, as `ctrl-p,ctrl-q`. */
  detach_keys: v.optional(v.string()),
  cache: v.optional(v.strictObject({ templates: v.optional(v.string()) })),
};
const schema = v.strictObject(entries);

/** The user's own configuration, `~/.config/mvm/config.toml`; see docs/reference/settings.md. */
export type UserConfig = v.InferOutput<typeof schema>;

/** What each key of the configuration file means; settings.md is made from it. */
export const userConfigKeys: Record<keyof typeof entries, string> = {
  debian_mirror: 'Debian mirror to use instead of the one in apt’s configuration',
  cache:
    'a table: `templates` is what templates may take on the disk, such as `"2G"` (the default), or `"off"`; see the guide',
  detach_keys: 'keys that detach from a console, such as `ctrl-p,ctrl-q`; `ctrl-],ctrl-]` unless given',
};

/** Reads the configuration file; no file is an empty one. Throws CONFIG_INVALID with file, line and key. */
export async function readUserConfig(path: string): Promise<UserConfig> {
  return (await readToml(path, schema))?.values ?? {};
}
