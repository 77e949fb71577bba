import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import { parseStat } from '../process/identity.ts';
import { OpenFolder } from './open-folder.ts';

/** Begins the names of what is incomplete. */
const prefix = '.mvm-cp-';
const pattern = /^\.mvm-cp-(\d+)-([0-9a-z]*)-([0-9a-z]+)-\d+$/i;
/** What another host or container left, whose processes can't be seen from here, goes when it is this old. */
const oldMs = 24 * 3600 * 1000;

/** Stands for what the system does not say. */
const none = '0';

/** Names for what this process has not completed, which tell others that it is at work on it. */
export interface Temporaries {
  name(): Buffer;
  /** Removes what processes that were killed left in the folder. */
  tidy(folder: OpenFolder): void;
}

let count = 0;

export function createTemporaries(): Temporaries {
  const own = sign(process.pid);
  return {
    name: () => Buffer.from(`${prefix}${process.pid}-${own}-${++count}`),
    tidy(folder) {
      const names = readdirSync(folder.at(Buffer.from('.')), { encoding: 'latin1' });
      for (const name of names) {
        const [, pid, space, start] = pattern.exec(name) ?? [];
        if (pid === undefined) continue;
        const path = folder.at(Buffer.from(name));
        if (isLeft(path, Number(pid), `${space}-${start}`)) removeTree(path);
      }
    },
  };
}

function isLeft(path: Buffer, pid: number, signature: string): boolean {
  if (signature.split('-')[0] === space() && space() !== none) return sign(pid) !== signature;
  try {
    return Date.now() - lstatSync(path).mtimeMs > oldMs;
  } catch {
    return false;
  }
}

/** The process as it is known here, in letters and digits. Empty where it does not run. */
function sign(pid: number): string {
  if (space() === none) return `${none}-${none}`;
  try {
    const stat = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return stat === undefined || stat.ended ? '' : `${space()}-${stat.startTicks}`;
  } catch {
    return '';
  }
}

/** Names the processes that are seen from here: this boot's, of this container. */
function space(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return boot + (/\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '');
  } catch {
    return none;
  }
}

/** Removes a file, or a folder with all in it, however it is protected; follows no link. What can't be removed stays. */
export function removeTree(path: Buffer): void {
  try {
    if (!lstatSync(path).isDirectory()) {
      unlinkSync(path);
      return;
    }
    chmodSync(path, 0o700);
    const folder = new OpenFolder(path);
    try {
      for (const name of readdirSync(folder.at(Buffer.from('.')), { encoding: 'buffer' }))
        removeTree(folder.at(name));
    } finally {
      folder.close();
    }
    rmdirSync(path);
  } catch {
    // Its name says that it is incomplete, and the next copy tries again.
  }
}
