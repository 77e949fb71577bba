import { stat } from 'node:fs/promises';
import * as v from 'valibot';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { accessReason } from '../state/write.ts';
import { parseToml, readToml, type TomlFile } from './toml-file.ts';

const whole = (least: number) => {
  const message = `must be a whole number of at least ${least}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
};
const text = v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty'));
const matching = (pattern: RegExp, message: string) => v.pipe(v.string(message), v.regex(pattern, message));
const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.optional(v.pipe(schema, v.description(description)));

/** The schema of mvm.toml: docs/reference/mvm-toml.md and mvm.schema.json are made from it. */
export const projectSchema = v.strictObject({
  flake: described(
    text,
    "The flake that describes the project's images: a folder relative to this file, as `.`, or a flake reference. Without it the default image is used.",
  ),
  profile: described(
    matching(/^[A-Za-z_][A-Za-z0-9_'-]*$/, 'must be the name of an output'),
    'The output `packages.<system>.<profile>` to build; `dev` for `dev up` and `default` for `up` unless given. `dev` counts for `dev up` and `build` only: `up` builds `default` then.',
  ),
  vcpus: described(whole(1), "Virtual CPUs; the image's own number unless given."),
  memory_mib: described(whole(64), "Memory in MiB; the image's own amount unless given."),
  name: described(
    matching(
      /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/,
      "must be a to z, 0 to 9 and '-', starting with a letter, at most 32 characters",
    ),
    "The name of the project's VM; made from the folder's unless given.",
  ),
  backend: described(text, 'What runs the VM, as `qemu`; the best one here unless given.'),
  env: described(
    v.record(
      matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has a name of letters, digits and _'),
      v.string('must be a string: put it in quotes'),
    ),
    "Environment of what runs in the VM, on top of the image's.",
  ),
  inputs: described(
    v.record(v.string(), text),
    'Replaces inputs of the flake: a flake reference by the input\'s name. `nixpkgs = "debian"` is the package set made from Debian packages.',
  ),
});

/** What an mvm.toml says. */
export type ProjectConfig = v.InferOutput<typeof projectSchema>;
export type ProjectFile = TomlFile<ProjectConfig>;

/** Reads an mvm.toml that is there. Throws CONFIG_INVALID with file, line and key. */
export async function readProjectConfig(path: string): Promise<ProjectFile | undefined> {
  const hint = `ls -ld ${path}`;
  const found = await stat(path).catch((cause: unknown) => {
    const why = systemCode(cause) === 'ENOENT' ? 'it is a link to what is not there' : accessReason(cause);
    throw new MvmError('CONFIG_INVALID', `Can't read ${path}: ${why}.`, { cause, hint });
  });
  // Reading a pipe waits for its writer, and no signal ends that.
  if (!found.isFile() && !found.isDirectory())
    throw new MvmError('CONFIG_INVALID', `Can't read ${path}: it is no file.`, { hint });
  return readToml(path, projectSchema);
}

/** As `readProjectConfig`, for a text at hand. */
export function parseProjectConfig(content: string, path: string): ProjectFile {
  return parseToml(content, path, projectSchema);
}
