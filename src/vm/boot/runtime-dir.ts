import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultBackend } from '../../backend/registry.ts';
import { writeError } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { checkFoldersAbove } from '../../state/own-folders.ts';
import { type Paths, privateFolderHint, shortRuntimeDir } from '../../state/paths.ts';
import { ensureDir } from '../../state/write.ts';

/**
 * Makes the folder for a VM's sockets. Where the usual place is too long for a socket, a private folder in
 * /tmp serves; one that was asked for with MVM_RUNTIME_DIR is refused instead.
 * @throws MvmError PATH_TOO_LONG, STATE_WRITE, STATE_UNSAFE
 */
export async function makeRuntimeDir(paths: Paths, id: string, env: NodeJS.ProcessEnv): Promise<string> {
  checkFoldersAbove(paths);
  const usual = join(paths.runtime, id);
  const excess = defaultBackend.socketExcess(usual);
  if (excess === 0) {
    await ensureDir(usual, 0o700);
    return usual;
  }
  if (env.MVM_RUNTIME_DIR) {
    throw new MvmError(
      'PATH_TOO_LONG',
      `MVM_RUNTIME_DIR is too long for a Unix socket: ${usual} by ${excess} bytes.`,
      { hint: privateFolderHint },
    );
  }
  const short = shortRuntimeDir();
  checkFoldersAbove({ ...paths, runtime: short });
  await claimPrivateDir(short);
  const dir = join(short, id);
  await ensureDir(dir, 0o700);
  return dir;
}

/** /tmp is everybody's: a folder there is used only if it is ours alone. */
async function claimPrivateDir(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw writeError(error, path);
  }
  const found = await lstat(path);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) {
    throw new MvmError('STATE_WRITE', `${path} exists, but is not a private folder of yours.`, {
      hint: privateFolderHint,
    });
  }
}
