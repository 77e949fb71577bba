import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { accessReason } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import type { Emit } from '../../events/events.ts';
import type { GuestFile, VmConfig } from '../../image/vm-config.ts';
import type { Project } from '../../project/project.ts';

/** The largest file that is given, in bytes: it is in the guest's memory while it boots. */
const largest = 2 ** 20;
/** Where git finds the host's identity: below /run, which is made anew at each boot. */
const gitFile = '/run/mvm/gitconfig';

interface Host {
  env: NodeJS.ProcessEnv;
  emit: Emit;
  signal: AbortSignal;
}

/**
 * What a dev VM is given: the files of `[dev] files`, and the host's git identity. A file that is missing is a warning, as
 * not everybody who works on a project has each. Throws CONFIG_INVALID for what is no file, or too large.
 */
export async function devFiles(
  project: Project,
  settings: Settings,
  host: Host,
): Promise<Pick<VmConfig, 'files' | 'defaultEnv'>> {
  const identity = settings.gitIdentity?.value === false ? undefined : await gitIdentity(project.dir, host);
  const { value = {}, source = '' } = settings.devFiles ?? {};
  const found = await Promise.all(Object.entries(value).map(([from, to]) => readOne(from, to, source, host)));
  const files = found.filter((file) => file !== undefined);
  if (identity === undefined) return { files };
  const data = Buffer.from(identity);
  return {
    files: [...files, { path: gitFile, mode: 0o644, data }],
    defaultEnv: { GIT_CONFIG_SYSTEM: gitFile },
  };
}

async function readOne(
  from: string,
  to: string,
  source: string,
  { env, emit }: Host,
): Promise<GuestFile | undefined> {
  const path = from.startsWith('~/') ? join(env.HOME ?? '/', from.slice(2)) : from;
  try {
    const { size, mode, ...found } = await stat(path).then((s) => ({
      size: s.size,
      mode: s.mode & 0o777,
      isFolder: s.isDirectory(),
      isFile: s.isFile(),
    }));
    if (found.isFolder) throw wrongFile(`${from} is a folder; only files are copied at a start`, source);
    if (!found.isFile) throw wrongFile(`${from} is not a file`, source);
    if (size > largest) throw wrongFile(`${from} has more than 1 MiB`, source);
    return { path: to, mode, data: await readFile(path) };
  } catch (error) {
    if (error instanceof MvmError) throw error;
    const why = systemCode(error) === 'ENOENT' ? 'this host has no such file' : accessReason(error);
    emit({ type: 'note', level: 'warn', text: `${from} is not copied into the VM: ${why} (${source}).` });
    return undefined;
  }
}

function wrongFile(what: string, source: string): MvmError {
  return new MvmError('CONFIG_INVALID', `${source}: ${what}.`, {
    hint: 'mvmctl cp --help   (copies folders and large files into a VM that runs)',
  });
}

/**
 * A configuration file with the host's user.name and user.email; undefined where they are not set. It takes the place of the
 * guest's system configuration, which it includes: that is what everything else of git's overrides, the user's own file
 * and a repository's. Costs a host without a configuration of git a look.
 */
async function gitIdentity(cwd: string, { env, signal }: Host): Promise<string | undefined> {
  const home = env.HOME ?? '/';
  const places = [
    env.GIT_CONFIG_GLOBAL || join(home, '.gitconfig'),
    join(env.XDG_CONFIG_HOME || join(home, '.config'), 'git/config'),
    '/etc/gitconfig',
  ];
  if (!places.some((path) => existsSync(path))) return undefined;
  const { run } = await import('../../process/run.ts');
  const argv = ['git', 'config', '--null', '--get-regexp', '^user\\.(name|email)$'];
  const found = await run(argv, { cwd, env, signal, maxOutputBytes: 65_536, timeoutMs: 3000 }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      if (error instanceof MvmError) return undefined; // This host has no git.
      throw error;
    },
  );
  // Later ones count.
  const values = new Map<string, string>();
  for (const entry of found?.stdout.split('\0') ?? []) {
    const [key = '', ...value] = entry.split('\n');
    if (value.length > 0) values.set(key, value.join('\n'));
  }
  const lines = ['name', 'email'].flatMap((key) => {
    const value = values.get(`user.${key}`);
    return value === undefined ? [] : [`\t${key} = ${quoted(value)}`];
  });
  if (lines.length === 0) return undefined;
  return ['[include]', '\tpath = /etc/gitconfig', '[user]', ...lines, ''].join('\n');
}

/** As git-config(1) reads it. */
function quoted(value: string): string {
  const escaped = value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\t/g, '\\t');
  return `"${escaped}"`;
}
