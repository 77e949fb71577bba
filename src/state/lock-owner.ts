import { readFileSync, readlinkSync } from 'node:fs';
import { MvmError, systemCode } from '../errors/mvm-error.ts';
import { identify, type ProcessIdentity } from '../process/identity.ts';

/** The owner of a lock. The token shows whether it is still the lock that we made. */
export interface Owner extends ProcessIdentity {
  token: string;
}

/**
 * The owner as the target of a symbolic link, `pid:token:start`. Up to 59 bytes ext4 keeps in the inode (others more),
 * so that a lock takes no block of the disk. The boot id is cut to its first part for that.
 */
export function ownerText({ pid, startTime, token }: Owner): string {
  return `${pid}:${token}:${short(startTime)}`;
}

const short = (startTime: string): string => startTime.replace(/^([0-9a-f]{8})-[0-9a-f-]{27}:/, '$1:');

/** What can't be read as an owner: it belongs to a process that died, or to none. */
const nobody = (token: string): Owner => ({ pid: 0, startTime: '', token });

/**
 * The owner of the lock at `path`; undefined where there is none. A file in its place is a lock of an older version,
 * whose content says the owner, or damage.
 * @throws MvmError STATE_WRITE where a folder has its name
 */
export function readOwner(path: string): Owner | undefined {
  try {
    const target = readlinkSync(path);
    const [, pid, token = '', startTime = ''] = /^(\d+):([^:]*):(.*)$/s.exec(target) ?? [];
    return pid === undefined ? nobody(target) : { pid: Number(pid), startTime, token };
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    if (code !== 'EINVAL') throw error;
  }
  return readFileOwner(path);
}

function readFileOwner(path: string): Owner | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = systemCode(error);
    // It has become a link in the meantime, or is gone: the caller looks again.
    if (code === 'ENOENT') return undefined;
    if (code !== 'EISDIR') throw error;
    throw new MvmError('STATE_WRITE', `Can't lock ${path}: a folder has that name.`, {
      cause: error,
      hint: `ls -la ${path}   (mvmctl did not make it: move it away)`,
    });
  }
  try {
    const { pid, startTime, token } = JSON.parse(text) as Owner;
    if (typeof pid === 'number' && typeof startTime === 'string')
      return { pid, startTime, token: `${token}` };
  } catch {
    // Damaged, as below.
  }
  return nobody(text);
}

/** Whether exactly the process that made the lock still runs. */
export async function ownerLives({ pid, startTime }: Owner): Promise<boolean> {
  const now = await identify(pid);
  return now !== undefined && short(now.startTime) === short(startTime);
}
