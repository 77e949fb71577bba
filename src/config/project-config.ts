import { stat } from 'node:fs/promises';
import * as v from 'valibot';
import { accessReason } from '../errors/file-error.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { shellWord } from '../errors/shell-word.ts';
import type { Place } from '../ports/forward.ts';
import { parseForward, parseReverse } from '../ports/parse.ts';
import { parseMemory } from './amount.ts';
import { projectWords } from './project-words.ts';
import { parseToml, readToml, type TomlFile } from './toml-file.ts';
import { mistakesError } from './toml-mistakes.ts';

const whole = (least: number) => {
  const message = `must be a whole number of at least ${least}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
};
const text = v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty'));
const matching = (pattern: RegExp, message: string) => v.pipe(v.string(message), v.regex(pattern, message));
/** MiB as a number, or a size as people write it: "2G". */
const size = (least: number, most?: number) => {
  const range = `of at least ${least} MiB${most === undefined ? '' : ` and at most ${most / 2 ** 20} TiB`}`;
  const message = `must be a size ${range}: a number of MiB, or a text like "2G"`;
  const isSize = (text: string) => {
    const mib = toMib(text) ?? 0;
    return mib >= least && mib <= (most ?? mib);
  };
  const count = whole(least);
  return v.union(
    [
      most === undefined ? count : v.pipe(count, v.maxValue(most, message)),
      v.pipe(v.string(), v.check(isSize, message)),
    ],
    message,
  );
};
/** As far as our ext4 goes (image/format/ext4/layout.ts). */
const diskSize = size(64, 8 * 2 ** 20);

function toMib(value: string | number): number | undefined {
  if (typeof value === 'number') return value;
  try {
    return parseMemory(value);
  } catch (error) {
    if (error instanceof MvmError) return undefined;
    throw error;
  }
}

const isPlace = (parse: (text: string) => Place) => (text: string) => {
  try {
    return parse(text) !== undefined;
  } catch (error) {
    if (error instanceof MvmError) return false;
    throw error;
  }
};
const portOf = (parse: (text: string) => Place, form: string) => {
  const message = `must be a port from 1 to 65535, or a text like ${form}`;
  return v.union(
    [
      v.pipe(v.number(), v.integer(message), v.minValue(1, message), v.maxValue(65_535, message)),
      v.pipe(v.string(), v.check(isPlace(parse), message)),
    ],
    message,
  );
};
/** Two programs can't listen in the same place: of this host or, in reverse, of the guest. 0 is any port that is free. */
const isOnce = (parse: (text: string) => Place) => (texts: (string | number)[]) => {
  const places = texts.map((text) => {
    const { address, hostPort, guestPort, protocol, reverse } = parse(String(text));
    return reverse ? guestPort : hostPort === 0 ? undefined : `${address}:${hostPort}/${protocol}`;
  });
  const some = places.filter((place) => place !== undefined);
  return new Set(some).size === some.length;
};

const described = <S extends v.GenericSchema>(schema: S, description: string) =>
  v.optional(v.pipe(schema, v.description(description)));

/** The schema of mvm.toml: docs/reference/mvm-toml.md and mvm.schema.json are made from it. */
export const projectSchema = v.strictObject({
  flake: described(
    text,
    "The flake that describes the project's images: a folder relative to this file, such as `.`, or a flake reference. Without it, the default image is used.",
  ),
  profile: described(
    matching(/^[A-Za-z_][A-Za-z0-9_'-]*$/, 'must be the name of an output'),
    'The output `packages.<system>.<profile>` to build; `dev` for `dev up` and `default` for `up` unless given. `up` ignores `profile = "dev"` and builds `default`.',
  ),
  vcpus: described(whole(1), 'Virtual CPUs; as many as the image asks for unless given.'),
  cpus: described(whole(1), 'Another name for `vcpus`.'),
  memory_mib: described(whole(64), 'Memory in MiB; as much as the image asks for unless given.'),
  mem: described(size(64), 'Another name for `memory_mib`. It also takes a size, such as `"2G"`.'),
  data_disk: described(
    diskSize,
    'Size of the VM\'s disk, in MiB or as `"32G"`; 16 GiB unless given. The disk takes up only as much space as is written to it. An existing disk keeps its size until `mvmctl dev up --reset`.',
  ),
  name: described(
    matching(
      /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/,
      "must be a to z, 0 to 9 and '-', starting with a letter, at most 32 characters",
    ),
    "The name of the project's VM; derived from the folder's name unless given.",
  ),
  backend: described(text, 'What runs the VM, such as `qemu`; the best one on this host unless given.'),
  hypervisor: described(
    text,
    'Like `backend`, but only a preference: if mvmctl does not have it, it says so and uses the one it has.',
  ),
  env: described(
    v.record(
      matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a variable has a name of letters, digits and _'),
      v.string('must be a string: put it in quotes'),
    ),
    "Environment variables for what runs in the VM, added to the image's.",
  ),
  ports: described(
    v.strictObject({
      forward: described(
        v.pipe(
          v.array(portOf(parseForward, '"8080:80"'), 'must be a list'),
          v.check(isOnce(parseForward), 'has a port of this host twice'),
        ),
        'Ports of this host that are forwarded to the VM: `"[ADDR:]HOST:GUEST[/udp]"`, or a number that is the same on both sides.',
      ),
      host: described(
        v.pipe(
          v.array(portOf(parseReverse, '"5432:15432", on this host\'s loopback'), 'must be a list'),
          v.check(isOnce(parseReverse), 'has a port of the VM twice'),
        ),
        'Ports of this host\'s loopback that the VM sees on its own: a number, or `"HOST:GUEST"`.',
      ),
    }),
    'Ports that are forwarded at each start.',
  ),
  dev: described(
    v.strictObject({
      forward: described(
        v.picklist(['all', 'declared', 'none'], 'must be "all", "declared" or "none"'),
        'Which ports `dev up` forwards unasked: `all` that something in the VM listens on, as they come and go (unless given), only those that the image declares (`declared`), or `none`.',
      ),
      files: described(
        v.record(
          v.pipe(
            text,
            v.regex(/^(~\/|\/).*[^/]$/, 'a file of this host is given by an absolute path, or ~/ and a path'),
          ),
          matching(/^(~\/|\/).*[^/]$/, 'must be an absolute path of the VM, or ~/ and a path'),
        ),
        'Files of this host that are copied into the VM at each start: `{ "~/.vimrc" = "~/.vimrc" }`. Each has at most 1 MiB.',
      ),
      mount: described(
        v.picklist(['live', 'overlay', 'none'], 'must be "live", "overlay" or "none"'),
        'How the project is shown in the VM, at `/work`: `live`, where what is written there is written to the project (unless given), `overlay`, where it is kept with the VM, or `none`.',
      ),
      protect: described(
        v.array(text, 'must be a list'),
        'Names that the VM may not change in the project, beside those that this host runs by itself; patterns as in a .gitignore.',
      ),
      unprotect: described(
        v.array(text, 'must be a list'),
        'Names that the VM may change although they are protected: `[".vscode/"]`.',
      ),
      hide: described(
        v.array(text, 'must be a list'),
        'Names of the project that are not there for the VM: `[".env", "secrets/"]`. So are those in a file `.mvmignore`.',
      ),
      git_identity: described(
        v.boolean('must be true or false'),
        "Whether `git` in the VM has this host's `user.name` and `user.email` where nothing else says them; `true` unless given.",
      ),
    }),
    'What counts for `dev up` only.',
  ),
  inputs: described(
    v.record(v.string(), text),
    'Flake references that replace inputs of the flake, by the input\'s name. `nixpkgs = "debian"` is the package set made from Debian packages.',
  ),
});

type Written = v.InferOutput<typeof projectSchema>;

/** What an mvm.toml says, each setting under one name; `data_disk` in MiB. */
export type ProjectConfig = Omit<Written, 'cpus' | 'mem' | 'data_disk'> & { data_disk?: number };
export type ProjectFile = TomlFile<ProjectConfig>;

/** Other names of settings, as the original has them. */
const otherNames = { cpus: 'vcpus', mem: 'memory_mib' } as const;

/** Reads an mvm.toml that is there. Throws CONFIG_INVALID with file, line and key. */
export async function readProjectConfig(path: string): Promise<ProjectFile | undefined> {
  const hint = `ls -ld ${shellWord(path)}`;
  const found = await stat(path).catch((cause: unknown) => {
    const why = systemCode(cause) === 'ENOENT' ? 'it is a link to what is not there' : accessReason(cause);
    throw new MvmError('CONFIG_INVALID', `Can't read ${path}: ${why}.`, { cause, hint });
  });
  // Reading a pipe waits for its writer, and no signal ends that.
  if (!found.isFile() && !found.isDirectory())
    throw new MvmError('CONFIG_INVALID', `Can't read ${path}: it is not a file.`, { hint });
  const file = await readToml(path, projectSchema, projectWords);
  return file && underOneName(file);
}

/** As `readProjectConfig`, for a text at hand. */
export function parseProjectConfig(content: string, path: string): ProjectFile {
  return underOneName(parseToml(content, path, projectSchema, projectWords));
}

/** Throws CONFIG_INVALID where a setting has both of its names. */
function underOneName({ path, values, at }: TomlFile<Written>): ProjectFile {
  const { cpus, mem, data_disk: disk, ...others } = values;
  const lineOf = (key: string) => Number(at(key).slice(path.length + 1));
  const twice = Object.entries(otherNames).filter(
    ([other, name]) => values[other as 'cpus'] !== undefined && values[name] !== undefined,
  );
  if (twice.length > 0) {
    const mistakes = twice.map(([other, name]) => ({
      line: lineOf(other),
      text: `'${other}' is another name for '${name}', which line ${lineOf(name)} already sets`,
      hint: `remove one of the two`,
    }));
    throw mistakesError(path, mistakes);
  }
  const vcpus = values.vcpus ?? cpus;
  const memory = values.memory_mib ?? (mem === undefined ? undefined : toMib(mem));
  const mib = disk === undefined ? undefined : toMib(disk);
  const written: Record<string, string> = {
    ...(cpus === undefined ? {} : { vcpus: 'cpus' }),
    ...(mem === undefined ? {} : { memory_mib: 'mem' }),
  };
  return {
    path,
    values: {
      ...others,
      ...(vcpus === undefined ? {} : { vcpus }),
      ...(memory === undefined ? {} : { memory_mib: memory }),
      ...(mib === undefined ? {} : { data_disk: mib }),
    },
    at: (first = '', ...more) => at(written[first] ?? first, ...more),
  };
}
