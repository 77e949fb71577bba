import { generateKeyPairSync, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeError } from '../errors/file-error.ts';
import { systemCode } from '../errors/mvm-error.ts';
import { ensureDir, uniqueSuffix, writeAtomic } from '../state/write.ts';
import { hostOf, type SharedFiles, type SshFiles, sshDirOf, sshFiles } from './files.ts';
import { type KeyPair, privateKeyFile, publicLine } from './openssh-key.ts';
import { serverKeys } from './server-keys.ts';

/**
 * The VM's keys for SSH, made where it has none: its server's and its user's. They are in its folder, so that they go with it,
 * and a VM of the same name has others. Gives whether they were made. Throws STATE_WRITE.
 */
export async function ensureKeys(
  vmDir: string,
  shared: SharedFiles,
): Promise<{ files: SshFiles; made: boolean }> {
  const files = sshFiles(sshDirOf(vmDir));
  const made = !existsSync(files.knownHosts);
  if (made) await makeKeys(files, hostOf(vmDir));
  await link(shared, hostOf(vmDir), files.dir);
  return { files, made };
}

/** Makes all files in a folder that gets its name when it is whole. */
async function makeKeys({ dir }: SshFiles, host: string): Promise<void> {
  const temporary = `${dir}.${uniqueSuffix()}.tmp`;
  try {
    await mkdir(temporary, { mode: 0o700 });
    const files = sshFiles(temporary);
    const [server, user] = [makeKey(), makeKey()];
    await writeAtomic(files.identity, privateKeyFile(user, host, randomInt(2 ** 32)), 0o600);
    await serverKeys.write(files.server, {
      hostKey: server.seed.toString('base64'),
      userKey: user.publicKey.toString('base64'),
    });
    // For each name that leads here: the file is this VM's alone.
    await writeAtomic(files.knownHosts, `* ${publicLine(server.publicKey)}\n`, 0o600);
    await rename(temporary, dir).catch(async (error: unknown) => {
      // Another command was faster: its keys are the VM's.
      if (existsSync(sshFiles(dir).knownHosts)) return;
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
      await rm(dir, { recursive: true, force: true });
      await rename(temporary, dir);
    });
  } catch (error) {
    throw writeError(error, dir);
  } finally {
    await rm(temporary, { recursive: true, force: true }).catch(() => {});
  }
}

function makeKey(): KeyPair {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  return { seed: Buffer.from(d, 'base64url'), publicKey: Buffer.from(x, 'base64url') };
}

async function link(shared: SharedFiles, host: string, dir: string): Promise<void> {
  const path = shared.link(host);
  const target = relative(shared.dir, dir);
  if ((await readlink(path).catch(() => undefined)) === target) return;
  await ensureDir(shared.dir, 0o700);
  const temporary = join(shared.dir, `.${host}.${uniqueSuffix()}`);
  try {
    await symlink(target, temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(error, path);
  }
}
