import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/**
 * Every path that mvmctl uses outside the user's project. The three roots follow the XDG base directory
 * specification and can be moved one by one with MVM_STATE_DIR, MVM_CACHE_DIR and MVM_RUNTIME_DIR.
 */
export interface Paths {
  /** VMs and their disks: what must survive. */
  state: string;
  /** Downloads and assembled images: can be deleted at any time. */
  cache: string;
  /** Sockets; short, because a socket's path is limited to about 100 bytes. */
  runtime: string;
  /** The user's configuration file (may not exist). */
  config: string;
}

/**
 * A relative HOME or XDG folder counts as unset, as that specification says: VMs would be known in one folder and
 * unknown in the next. What MVM_… names is taken from the current folder. Throws HomeUnknown.
 */
export function findPaths(env: NodeJS.ProcessEnv = process.env): Paths {
  const home = absolute(env.HOME) ?? homeOfUser();
  const state =
    env.MVM_STATE_DIR || join(absolute(env.XDG_STATE_HOME) ?? join(home, '.local', 'state'), 'mvm');
  const cache = env.MVM_CACHE_DIR || join(absolute(env.XDG_CACHE_HOME) ?? join(home, '.cache'), 'mvm');
  const sockets = absolute(env.XDG_RUNTIME_DIR);
  const runtime = env.MVM_RUNTIME_DIR || (sockets === undefined ? join(state, 'run') : join(sockets, 'mvm'));
  const config =
    env.MVM_CONFIG || join(absolute(env.XDG_CONFIG_HOME) ?? join(home, '.config'), 'mvm', 'config.toml');
  return { state, cache, runtime, config };
}

/** Throws HomeUnknown. */
function homeOfUser(): string {
  try {
    return userInfo().homedir;
  } catch {
    throw new HomeUnknown();
  }
}

/** HOME is not set, and the system does not know this user's number, as in many containers. */
export class HomeUnknown extends Error {}

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && isAbsolute(path) ? path : undefined;

/**
 * Where sockets go when the usual runtime directory is too long for one: a folder of this user's in /tmp.
 * Its owner and mode are checked by `ensureRuntimeDir` before it is used.
 */
export function shortRuntimeDir(): string {
  return join(
    process.platform === 'darwin' ? '/tmp' : tmpdir().length <= 16 ? tmpdir() : '/tmp',
    `mvm-${userInfo().uid}`,
  );
}

/** A folder with an unpredictable name that only its user can access. */
export const privateFolderHint = 'export MVM_RUNTIME_DIR=$(mktemp -d /tmp/mvm.XXXXXX)';

export interface VmPaths {
  dir: string;
  /** The record: what the user asked for. */
  record: string;
  /** The VMM's identity (pid and start time). */
  vmm: string;
  /** Written by QEMU itself. */
  pid: string;
  /** This boot: channel key, sockets' folder, image. Holds a secret: mode 0600. */
  boot: string;
  disk: string;
  initrd: string;
  consoleLog: string;
  /** What its services wrote before they were stopped. */
  serviceLogs: string;
  vmmLog: string;
  /** Written by the companion itself. */
  companionLog: string;
  /** Forwards that were made by hand: each start makes them again. */
  forwards: string;
  /** What its guest changed of folders of the host that it does not write to: a folder for each. */
  overlays: string;
  lock: string;
}

export function vmsDir(paths: Paths): string {
  return join(paths.state, 'vms');
}

export function vmPaths(paths: Paths, name: string): VmPaths {
  return vmFiles(join(vmsDir(paths), name));
}

/** The files of the VM in this folder. */
export function vmFiles(dir: string): VmPaths {
  return {
    dir,
    record: join(dir, 'vm.json'),
    vmm: join(dir, 'vmm.json'),
    pid: join(dir, 'qemu.pid'),
    boot: join(dir, 'boot.json'),
    disk: join(dir, 'disk.img'),
    initrd: join(dir, 'initrd'),
    consoleLog: join(dir, 'console.log'),
    serviceLogs: join(dir, 'services.log'),
    vmmLog: join(dir, 'vmm.log'),
    companionLog: join(dir, 'companion.log'),
    forwards: join(dir, 'forwards.json'),
    overlays: join(dir, 'overlay'),
    lock: join(dir, 'lock'),
  };
}

/** Assembled default images, one folder per architecture and content. */
export function imagesDir(paths: Paths): string {
  return join(paths.cache, 'images');
}

export function debianDir(paths: Paths): string {
  return join(paths.cache, 'debian');
}

/** Machines that were saved after they booted. */
export function templatesDir(paths: Paths): string {
  return join(paths.cache, 'templates');
}

/** Kernel bundles of built images. */
export function kernelsDir(paths: Paths): string {
  return join(paths.cache, 'kernels');
}

/** What is known of projects' files, so that those that did not change are not read again. */
export function projectsDir(paths: Paths): string {
  return join(paths.cache, 'projects');
}

/** What builds by the host's own Nix are given. */
export function hostBuildsDir(paths: Paths): string {
  return join(paths.cache, 'host-builds');
}

/** What V8 made of the program's code. */
export function codeDir(paths: Paths): string {
  return join(paths.cache, 'code');
}

export function buildLogDir(paths: Paths): string {
  return join(paths.cache, 'build-logs');
}

export function debugLogDir(paths: Paths): string {
  return join(paths.cache, 'logs');
}
