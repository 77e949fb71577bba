import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import * as v from 'valibot';
import { atFile } from '../errors/file-error.ts';
import { MvmError } from '../errors/mvm-error.ts';
import { ensureDir, writeAtomic } from '../state/write.ts';
import { isSettled } from './settled.ts';

export interface Repository {
  root: string;
  gitDir: string;
}

const trackedSchema = v.object({
  index: v.string(),
  paths: v.array(v.string()),
  submodules: v.array(v.string()),
});

/** What the index has: files, sorted, and submodules, which are not followed. */
export type Tracked = Omit<v.InferOutput<typeof trackedSchema>, 'index'>;

/** The repository around a folder. */
export function findRepository(dir: string): Repository | undefined {
  for (let root = dir; ; root = dirname(root)) {
    const found = statSync(join(root, '.git'), { throwIfNoEntry: false });
    if (found?.isDirectory() === true && existsSync(join(root, '.git', 'HEAD'))) {
      return { root, gitDir: join(root, '.git') };
    }
    if (found?.isFile() === true) {
      // A worktree's or submodule's: the file says where the folder is.
      const target = /^gitdir: (.+)$/m.exec(readFileSync(join(root, '.git'), 'utf8'))?.[1];
      if (target !== undefined) return { root, gitDir: resolve(root, target) };
    }
    if (dirname(root) === root) return undefined;
  }
}

/**
 * The files in a repository's index; undefined where git is not installed. The list depends on the index
 * only, so that it is read from the cache, without starting git, while the index file is the same.
 * @throws MvmError SOURCE_INVALID with git's own words
 */
export async function listTracked(
  repository: Repository,
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal; cacheDir?: string },
): Promise<Tracked | undefined> {
  const started = Date.now();
  const index = statSync(join(repository.gitDir, 'index'), { bigint: true, throwIfNoEntry: false });
  const identity =
    index === undefined ? 'none' : [index.ino, index.size, index.mtimeNs, index.ctimeNs].join(' ');
  const key = createHash('sha256').update(repository.root).digest('hex').slice(0, 16);
  const cache = options.cacheDir === undefined ? undefined : join(options.cacheDir, `tracked-${key}.json`);
  const known = cache === undefined ? undefined : readCache(cache);
  if (known?.index === identity) return known;
  const tracked = await askGit(repository, options);
  if (tracked !== undefined && cache !== undefined && isSettled(index?.ctimeNs, started)) {
    await ensureDir(dirname(cache));
    await writeAtomic(cache, JSON.stringify({ index: identity, ...tracked }));
  }
  return tracked;
}

function readCache(path: string): v.InferOutput<typeof trackedSchema> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return v.parse(trackedSchema, JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    // A truncated cache is rebuilt.
    if (error instanceof SyntaxError || error instanceof v.ValiError) return undefined;
    throw atFile(error, path);
  }
}

async function askGit(
  { root, gitDir }: Repository,
  { env, signal }: { env: NodeJS.ProcessEnv; signal: AbortSignal },
): Promise<Tracked | undefined> {
  const { run } = await import('../process/run.ts');
  // Inside a git hook these name another repository or index.
  const { GIT_DIR, GIT_INDEX_FILE, GIT_WORK_TREE, ...clean } = env;
  const argv = ['git', `--git-dir=${gitDir}`, `--work-tree=${root}`, '-c', 'core.fsmonitor=false'];
  const result = await run([...argv, 'ls-files', '-z', '--cached', '--stage', '--full-name'], {
    cwd: root,
    env: { ...clean, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
    maxOutputBytes: 1 << 28,
    signal,
  }).catch((error: unknown) => {
    if (error instanceof MvmError && error.code === 'SETUP_NEEDED') return undefined;
    throw error;
  });
  if (result === undefined) return undefined;
  if (result.status !== 0) {
    throw new MvmError('SOURCE_INVALID', `git can't list the files of ${root}.`, {
      details: result.stderr.trim().split('\n').slice(-5),
      hint: `git -C ${root} status`,
    });
  }
  return parseStage(result.stdout);
}

/** Parses `git ls-files -z --stage`: `<mode> <object> <stage>\t<path>\0`; a conflict lists a path thrice. */
export function parseStage(output: string): Tracked {
  const paths = new Set<string>();
  const submodules: string[] = [];
  for (const line of output.split('\0')) {
    const tab = line.indexOf('\t');
    if (tab < 0) continue;
    if (line.startsWith('160000 ')) submodules.push(line.slice(tab + 1));
    else paths.add(line.slice(tab + 1));
  }
  return { paths: [...paths].sort(), submodules };
}
