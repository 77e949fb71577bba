import { parseCount, parseMemory } from '../../config/amount.ts';
import { parseDuration } from '../../config/duration.ts';
import type { Place } from '../../ports/forward.ts';
import type { Architecture } from '../../vm/state/record.ts';
import type { MountFlag, UpRequest } from '../../vm/up/request.ts';
import { vmName } from '../arguments/complete-values.ts';
import { parseArch, parseEnv, parseMounts, parsePorts } from '../arguments/values.ts';

/** What `dev up` and `up` both take. */
export interface UpFlags {
  detach: boolean;
  wait: boolean;
  waitTimeout: number;
  vcpus: number;
  memory: number;
  env: Record<string, string>;
  port: Place[];
  arch: Architecture;
  name: string;
  reset: boolean;
  restart: boolean;
  noTemplate: boolean;
  json: boolean;
  flake: string;
  profile: string;
  nixpkgs: string;
  /** Of `dev up` only. */
  sshAgent: boolean;
  /** False: `--no-mount`. */
  mount: MountFlag[] | false;
}

/** How long `--wait` waits by default, in milliseconds. */
export const defaultWaitMs = 120_000;

/** What a machine is, whatever it is for. */
export const sizeFlags = [
  { flags: '--vcpus <n>', aliases: ['--cpus <n>'], description: 'virtual CPUs', parse: parseCount },
  {
    flags: '-m, --memory <size>',
    aliases: ['--mem <size>'],
    description: 'memory: 512M, 1G, …',
    parse: parseMemory,
  },
  {
    flags: '--arch <arch>',
    description: 'x86_64 or aarch64; emulated if it is not the host’s',
    parse: parseArch,
    complete: () => ['x86_64', 'aarch64'],
  },
] as const;

export const machineFlags = [
  ...sizeFlags,
  {
    flags: '-e, --env <KEY=VALUE>',
    description: 'set a variable for what runs in it (KEY alone: use its value on this host)',
    parse: parseEnv,
  },
  {
    flags: '-p, --port <[addr:]host:guest>',
    aliases: ['--publish <[addr:]host:guest>'],
    description:
      'forward a port of this host to one of the VM, now and at each start; on its loopback unless given an address',
    parse: parsePorts,
  },
  {
    flags: '--name <name>',
    description: "use the VM of that name, or create it, instead of the project's own",
    complete: vmName,
  },
] as const;

export const mountFlags = [
  {
    flags: '--mount <host[:guest[:mode]]>',
    description:
      'show a folder of this host in the VM: live (rw, unless given), read-only (ro), or with what is written kept in the VM (overlay)',
    parse: parseMounts,
  },
  { flags: '--no-mount', description: 'do not show the project in the VM' },
] as const;

export const restartFlag = {
  flags: '--restart',
  description: 'if it is already running, stop it first, so that it starts with what is declared now',
} as const;

export const templateFlag = {
  flags: '--no-template',
  description: 'boot it, also where it could be resumed from a template (see mvmctl templates)',
} as const;

export const waitFlags = [
  {
    flags: '--wait',
    description: 'like --detach, but return when all services are ready, or one has failed',
  },
  {
    flags: '--wait-timeout <time>',
    description: 'with --wait: the longest time to wait; 2m unless given',
    parse: parseDuration,
  },
] as const;

export const jsonFlag = {
  flags: '--json',
  description: 'with --detach or --wait: print the VM as JSON',
} as const;

/** The flags as `bringUp` takes them. */
export function upRequest(flags: Partial<UpFlags>): UpRequest {
  const { name, vcpus, memory, env, port, arch, reset, restart, noTemplate, flake, profile, nixpkgs, mount } =
    flags;
  return {
    name,
    vcpus,
    memoryMib: memory,
    variables: env,
    ports: port,
    arch,
    reset,
    restart,
    fromTemplate: noTemplate !== true,
    flake,
    profile,
    nixpkgs,
    ...(mount === false ? { mount: 'none' as const } : { mounts: mount }),
  };
}
