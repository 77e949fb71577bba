import { realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Sourced } from '../config/settings.ts';
import { MvmError, systemCode } from '../errors/mvm-error.ts';

/** A flake on this host, whose source is streamed into the builder, or one that the builder fetches itself. */
export type FlakeRef = ({ kind: 'local'; dir: string } | { kind: 'remote'; ref: string }) & {
  /** What stands behind `#`: an output's name. */
  output?: string;
};

/**
 * Reads a flake reference as a person writes it: a folder (`.`, `../app`, `/srv/app`, `~/app`, `path:…`,
 * `git+file:…`, each also with `?dir=…`), or what Nix fetches (`github:owner/repo`, `https://…`, `git+…`, …).
 * A local one is what git tracks where there is git, also as `path:…`, which for Nix would be all files.
 * @param base the folder that a relative one starts from: that of mvm.toml, or the working directory for a flag
 * @throws MvmError CONFIG_INVALID for an empty one, a bare word (Nix would ask its registry), a local `rev`
 */
export function parseFlakeRef({ value, source }: Sourced<string>, base: string): FlakeRef {
  const [before = '', output] = value.split('#', 2);
  const more = output === undefined || output === '' ? {} : { output };
  const [place = '', query = ''] = before.split('?', 2);
  const path = place.replace(/^(?:path|git\+file):(?:\/\/(?=\/))?/, '');
  if (path !== place || /^(?:\.{0,2}\/|\.{1,2}$|~\/|~$)/.test(path)) {
    const home = path.replace(/^~(?=\/|$)/, homedir());
    const parameters = new URLSearchParams(query);
    const state = ['ref', 'rev'].find((name) => parameters.has(name));
    if (state !== undefined) {
      throw new MvmError(
        'CONFIG_INVALID',
        `${source}: a local flake is built as it is on disk, so '${state}' can't be given.`,
        { hint: `git worktree add …   (and build that folder)` },
      );
    }
    const sub = parameters.get('dir') ?? '';
    return { kind: 'local', dir: join(resolve(base, home), sub), ...more };
  }
  if (/^[a-z][a-z0-9+.-]*:./.test(place)) return { kind: 'remote', ref: before, ...more };
  throw new MvmError(
    'CONFIG_INVALID',
    `${source}: '${value}' is not a flake. Give a folder or a flake reference.`,
    {
      hint:
        place === '' ? 'for example: .' : `./${place} for a folder, github:owner/${place} for a repository`,
    },
  );
}

/**
 * The real folder of a local flake. Throws CONFIG_INVALID, with the place that asked for it, where there is no
 * flake.nix in it.
 */
export async function checkLocalFlake(dir: string, source: string): Promise<string> {
  const file = join(dir, 'flake.nix');
  const found = await stat(file).catch((error: unknown) => {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) throw error;
  });
  if (found?.isFile() === true) return realpath(dir);
  throw new MvmError('CONFIG_INVALID', `${source}: there is no ${file}.`, { hint: `ls ${dir}` });
}

/** Whether a reference always means the same content: it names a revision, or a hash. */
export function isPinned(ref: string): boolean {
  return /[?&](?:rev=[0-9a-f]{40}|narHash=)|^\w+:[^/?]+\/[^/?]+\/[0-9a-f]{40}(?:$|\?)/.test(ref);
}
