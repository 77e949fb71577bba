import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';
import type { Settings } from '../../config/settings.ts';
import { accessReason } from '../../errors/file-error.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { shellWord } from '../../errors/shell-word.ts';
import type { Project } from '../../project/project.ts';
import { rulesOf } from '../../share/rules-of.ts';
import { type Share, workFolder } from '../../share/share.ts';
import type { VmKind } from '../state/record.ts';
import type { MountFlag, UpOptions } from './request.ts';

/** Folders of the guest that nothing may cover. */
const systemFolders = [
  '/',
  '/bin',
  '/dev',
  '/etc',
  '/lib',
  '/lib64',
  '/nix',
  '/proc',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
];

/**
 * The folders of this host that a VM is to show: the project, if there is one, and what the command line names. Throws USAGE; CONFIG_INVALID for
 * patterns that are none.
 */
export function wantedShares(
  kind: VmKind,
  project: Project,
  settings: Settings,
  { mounts = [], cwd, env }: Pick<UpOptions, 'mounts' | 'cwd' | 'env'>,
): Share[] {
  const shown = projectFolder(project, env);
  const shares = mounts.map((flag) => asShare(flag, shown, cwd));
  const mode = settings.mount?.value ?? 'live';
  const isMeant = shares.some(({ host, guest }) => host === shown || guest === workFolder);
  if (kind === 'dev' && mode !== 'none' && shown !== undefined && !isMeant)
    shares.unshift({ host: shown, guest: workFolder, mode });
  // What the project says of its names counts wherever the project is shown.
  for (const share of shares) if (share.host === shown) Object.assign(share, settings.shareRules);
  for (const share of shares) rulesOf(share);
  for (const [index, { guest }] of shares.entries()) {
    const other = shares
      .slice(0, index)
      .find((one) => isWithin(guest, one.guest) || isWithin(one.guest, guest));
    if (other !== undefined)
      throw new MvmError(
        'USAGE',
        `Two folders can't be shown at ${other.guest} and ${guest}: one is in the other.`,
        {
          hint: 'mvmctl dev up --mount HOST:GUEST   (with another GUEST)',
        },
      );
  }
  return shares;
}

/**
 * The folder that a project is: the one with its mvm.toml, or the git work tree it is in. Never a home folder, the root folder, or
 * one that either is in: what is there is not meant to be shown.
 */
function projectFolder({ dir, configFile }: Project, env: NodeJS.ProcessEnv): string | undefined {
  const found = configFile === undefined ? workTree(dir) : dir;
  if (found === undefined || found === sep) return undefined;
  const home = env.HOME === undefined || env.HOME === '' ? undefined : realOrSame(env.HOME);
  return home !== undefined && isWithin(home, found) ? undefined : found;
}

function workTree(start: string): string | undefined {
  for (let dir = start; ; dir = dirname(dir)) {
    if (existsSync(join(dir, '.git'))) return dir;
    if (dirname(dir) === dir) return undefined;
  }
}

function asShare({ host, guest, mode = 'live' }: MountFlag, project: string | undefined, cwd: string): Share {
  const path = resolve(cwd, host);
  let real: string;
  try {
    real = realpathSync.native(path);
    if (!statSync(real).isDirectory()) throw new MvmError('USAGE', `--mount: ${path} is not a folder.`);
  } catch (error) {
    if (error instanceof MvmError) throw error;
    throw new MvmError('USAGE', `--mount: ${path}: ${accessReason(error)}.`, {
      cause: error,
      hint: `ls -ld ${shellWord(path)}`,
    });
  }
  const at = guest ?? (real === project ? workFolder : join('/mnt', basename(real) || 'host'));
  const clean = isAbsolute(at) ? normalize(at).replace(/(?<=.)\/$/, '') : at;
  if (systemFolders.includes(clean) || ['/dev', '/proc', '/sys', '/run'].some((one) => isWithin(clean, one)))
    throw new MvmError(
      'USAGE',
      `--mount: ${clean} is a folder of the VM's own system; nothing can be shown there.`,
      {
        hint: `mvmctl dev up --mount ${shellWord(host)}:/mnt/${shellWord(basename(real) || 'host')}`,
      },
    );
  return { host: real, guest: clean, mode };
}

/** Whether a folder is another one or in it. */
const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === sep ? sep : folder + sep);

function realOrSame(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}
