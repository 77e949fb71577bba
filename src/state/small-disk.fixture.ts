import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A small file system of its own; what a test needs of a disk that is full. */
export interface SmallDisk {
  dir: string;
  /** Writes until not one byte more fits. */
  fill(): void;
  /** Makes room again. */
  empty(): void;
  /** Lets no name be added: tmpfs only. */
  noNames(): void;
  /** From now on nothing can be changed. */
  readOnly(): void;
  unmount(): void;
}

/** Undefined where this host lets no one mount (not root, no loop device): then there is nothing to test with. */
export function smallDisk(kind: 'tmpfs' | 'ext4', dir: string, size: string): SmallDisk | undefined {
  const image = `${dir}.img`;
  mkdirSync(dir);
  const call = (program: string, ...args: string[]) => execFileSync(program, args, { stdio: 'pipe' });
  try {
    if (kind === 'tmpfs') call('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', dir);
    else {
      closeSync(openSync(image, 'w'));
      call('truncate', '-s', size, image);
      call('mkfs.ext4', '-q', image);
      call('mount', '-o', 'loop', image, dir);
    }
  } catch {
    rmSync(image, { force: true });
    return undefined;
  }
  const filler = join(dir, 'filler');
  return {
    dir,
    fill: () => fillWith(filler),
    empty: () => truncateSync(filler, 0),
    noNames() {
      const { files, ffree } = statfsSync(dir);
      call('mount', '-o', `remount,nr_inodes=${files - ffree}`, dir);
    },
    readOnly: () => void call('mount', '-o', 'remount,ro', dir),
    unmount() {
      call('umount', '-l', dir);
      rmSync(image, { force: true });
    },
  };
}

function fillWith(path: string): void {
  const file = openSync(path, 'a');
  try {
    for (let length = 1 << 20; length >= 1; length >>= 1) {
      const chunk = Buffer.alloc(length, 'x');
      try {
        for (;;) if (writeSync(file, chunk) < length) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}
