import { MvmError } from '../errors/mvm-error.ts';
import type { Place } from '../ports/forward.ts';
import { parseForward, parseReverse } from '../ports/parse.ts';
import { parseCount, parseMemory } from './amount.ts';
import type { ProjectFile } from './project-config.ts';

/** A setting and where it came from: `flag --vcpus`, `MVM_VCPUS`, `/path/mvm.toml:3`, `image` or `default`. */
export interface Sourced<T> {
  value: T;
  source: string;
}

/** Where a variable of the command line comes from. */
export const envFlag = 'flag --env';

/** It stands in an mvm.toml, not on the command line or in the environment. */
export const isFromFile = ({ source }: Sourced<unknown>): boolean => source.includes('/');

/** `live`: what is written in the VM is written to the project; `overlay`: it is kept with the VM. */
export type ProjectMount = 'live' | 'overlay' | 'none';

/** What a person may say about a project, on the command line, in the environment or in mvm.toml. */
export interface Choices {
  flake?: string | undefined;
  profile?: string | undefined;
  /** Replaces the flake's input `nixpkgs`: `debian` or a flake reference. */
  nixpkgs?: string | undefined;
  backend?: string | undefined;
  vcpus?: number | undefined;
  memoryMib?: number | undefined;
  /** How `dev up` shows the project in the VM. */
  mount?: ProjectMount | undefined;
}

/** What the command line says. */
export type Flags = Choices & { env?: Readonly<Record<string, string>> | undefined };

export type Settings = { [K in keyof Choices]: Sourced<NonNullable<Choices[K]>> } & {
  /** The name of the project's own VM; only mvm.toml gives one. */
  name?: Sourced<string>;
  /** What mvm.toml would have the VM run by, where mvmctl has that. */
  hypervisor?: Sourced<string>;
  /** Size of a new disk; only mvm.toml gives one. */
  diskMib?: Sourced<number>;
  /** Ports to forward; only mvm.toml gives some, beside `-p`. */
  ports?: Sourced<Place>[];
  /** What `dev up` forwards unasked. */
  devForward?: Sourced<'all' | 'declared' | 'none'>;
  /** Files that a dev VM is given: the VM's path by the host's. */
  devFiles?: Sourced<Readonly<Record<string, string>>>;
  /** Whether git in a dev VM has the host's identity. */
  gitIdentity?: Sourced<boolean>;
  /** Names of the project that the VM may not change, may change nevertheless, or does not see. */
  shareRules?: { protect?: string[]; unprotect?: string[]; hide?: string[] };
  /** For what runs in the VM. */
  env: Record<string, Sourced<string>>;
  /** Overrides of the flake's inputs by name; `nixpkgs` is not among them. */
  inputs: Record<string, Sourced<string>>;
};

const same = (text: string) => text;

function parseProjectMount(text: string): ProjectMount {
  if (text === 'live' || text === 'overlay' || text === 'none') return text;
  throw new MvmError('USAGE', `'${text}' is no way to show a project: live, overlay or none.`);
}

/** By setting: its flag, its variable, how that is read, and where mvm.toml has it. */
const ways = {
  flake: { flag: '--flake', variable: 'MVM_FLAKE', parse: same, key: ['flake'] },
  profile: { flag: '--profile', variable: 'MVM_PROFILE', parse: same, key: ['profile'] },
  nixpkgs: { flag: '--nixpkgs', variable: 'MVM_NIXPKGS', parse: same, key: ['inputs', 'nixpkgs'] },
  backend: { flag: '--backend', variable: 'MVM_BACKEND', parse: same, key: ['backend'] },
  vcpus: { flag: '--vcpus', variable: 'MVM_VCPUS', parse: parseCount, key: ['vcpus'] },
  memoryMib: { flag: '--memory', variable: 'MVM_MEMORY', parse: parseMemory, key: ['memory_mib'] },
  mount: { flag: '--no-mount', variable: 'MVM_MOUNT', parse: parseProjectMount, key: ['dev', 'mount'] },
} as const satisfies Record<
  keyof Choices,
  { flag: string; variable: string; parse: (text: string) => string | number; key: readonly string[] }
>;

/** Settings that only mvm.toml has. */
const onlyInFile = { name: 'name', hypervisor: 'hypervisor', data_disk: 'diskMib' } as const;

/**
 * Settles what was asked for: flags over environment over mvm.toml. Settings that were not given are absent: see
 * `orElse`. An empty variable counts as unset. Throws CONFIG_INVALID naming the variable.
 */
export function settle(flags: Flags, env: NodeJS.ProcessEnv, file: ProjectFile | undefined): Settings {
  const settled: Record<string, Sourced<string | number>> = {};
  for (const [name, way] of Object.entries(ways)) {
    const found = choose(name as keyof Choices, way, flags, env, file);
    if (found !== undefined) settled[name] = found;
  }
  if (file !== undefined) {
    for (const [key, as] of Object.entries(onlyInFile)) {
      const value = file.values[key as keyof typeof onlyInFile];
      if (value !== undefined) settled[as] = { value, source: file.at(key) };
    }
  }
  const { nixpkgs: _, ...inputs } = table(file, 'inputs');
  const dev = file?.values.dev?.forward;
  return {
    ...(settled as Omit<Settings, 'env' | 'inputs'>),
    ...(file?.values.ports === undefined ? {} : { ports: ports(file) }),
    ...(file === undefined || dev === undefined
      ? {}
      : { devForward: { value: dev, source: file.at('dev', 'forward') } }),
    ...shareRules(file),
    ...(file?.values.dev?.files === undefined
      ? {}
      : { devFiles: { value: file.values.dev.files, source: file.at('dev', 'files') } }),
    ...(file?.values.dev?.git_identity === undefined
      ? {}
      : { gitIdentity: { value: file.values.dev.git_identity, source: file.at('dev', 'git_identity') } }),
    env: { ...table(file, 'env'), ...variables(flags) },
    inputs,
  };
}

function shareRules(file: ProjectFile | undefined): Pick<Settings, 'shareRules'> {
  const { protect, unprotect, hide } = file?.values.dev ?? {};
  const rules = { ...(protect && { protect }), ...(unprotect && { unprotect }), ...(hide && { hide }) };
  return Object.keys(rules).length === 0 ? {} : { shareRules: rules };
}

function ports(file: ProjectFile): Sourced<Place>[] {
  const { forward = [], host = [] } = file.values.ports ?? {};
  return [
    ...forward.map((text) => ({
      value: parseForward(String(text)),
      source: file.at('ports', 'forward'),
    })),
    ...host.map((text) => ({ value: parseReverse(String(text)), source: file.at('ports', 'host') })),
  ];
}

function variables({ env = {} }: Flags): Record<string, Sourced<string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, { value, source: envFlag }]));
}

function choose(
  name: keyof Choices,
  way: (typeof ways)[keyof Choices],
  flags: Choices,
  env: NodeJS.ProcessEnv,
  file: ProjectFile | undefined,
): Sourced<string | number> | undefined {
  const flag = flags[name];
  if (flag !== undefined) return { value: flag, source: `flag ${way.flag}` };
  const variable = env[way.variable];
  if (variable) return { value: fromVariable(way, variable), source: way.variable };
  let value: unknown = file?.values;
  for (const key of way.key) value = (value as Record<string, unknown> | undefined)?.[key];
  if (file === undefined || value === undefined) return undefined;
  return { value: value as string | number, source: file.at(...way.key) };
}

function fromVariable(way: (typeof ways)[keyof Choices], text: string): string | number {
  try {
    return way.parse(text);
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    throw new MvmError('CONFIG_INVALID', `${way.variable}: ${error.message}`, {
      cause: error,
      hint: `unset ${way.variable}`,
    });
  }
}

function table(file: ProjectFile | undefined, name: 'env' | 'inputs'): Record<string, Sourced<string>> {
  const entries = Object.entries(file?.values[name] ?? {});
  return Object.fromEntries(
    entries.map(([key, value]) => [key, { value, source: file?.at(name, key) ?? 'default' }]),
  );
}

/** The setting, or what the image or mvmctl itself says. */
export function orElse<T>(asked: Sourced<T> | undefined, value: T, source: 'image' | 'default'): Sourced<T> {
  return asked ?? { value, source };
}
