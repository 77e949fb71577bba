import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface TreeFile {
  content?: string | Buffer;
  mode?: number;
  link?: string;
  /** Another file of the tree that this one is, too. */
  same?: string;
}

/** An EROFS image of such files, by path without a slash in front; made by mkfs.erofs, all of them root's. */
export function makeErofs(files: Record<string, TreeFile>, options: readonly string[] = []): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'mvm-erofs-'));
  try {
    const tree = join(dir, 'tree');
    mkdirSync(tree);
    chmodSync(tree, 0o755);
    for (const [path, { content, mode, link, same }] of Object.entries(files)) {
      const to = join(tree, path);
      mkdirSync(dirname(to), { recursive: true });
      if (link !== undefined) symlinkSync(link, to);
      else if (same !== undefined) linkSync(join(tree, same), to);
      else if (content === undefined) mkdirSync(to, { recursive: true });
      else writeFileSync(to, content);
      if (link === undefined && same === undefined) {
        chmodSync(to, mode ?? (content === undefined ? 0o755 : 0o644));
      }
    }
    const out = join(dir, 'rootfs.erofs');
    const made = spawnSync('mkfs.erofs', ['-T0', '--all-root', '-x-1', ...options, out, tree], {
      encoding: 'utf8',
    });
    if (made.status !== 0) throw new Error(`mkfs.erofs: ${made.error?.message ?? made.stderr}`);
    return readFileSync(out);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
