import { createWriteStream } from 'node:fs';
import { mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeError } from '../../errors/file-error.ts';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { stream } from '../../process/stream.ts';
import { copySource } from '../../project/copy-source.ts';
import { readTarFile, type TarFile } from '../../project/tar-files.ts';
import { tryLock } from '../../state/lock.ts';
import { makeDir } from '../../state/make-dir.ts';
import { ensureDir, uniqueSuffix } from '../../state/write.ts';
import type { NixPlace } from './place.ts';

export interface HostOptions {
  env: NodeJS.ProcessEnv;
  /** Where what the tool brings along is kept, and sources while they are built. */
  dir: string;
  signal: AbortSignal;
}

/** A place to build in that leaves no source behind. */
export interface HostPlace extends NixPlace {
  dispose(): Promise<void>;
}

/** The host's own Nix as a place to build in. Throws SETUP_NEEDED where there is none. */
export async function hostPlace({ env, dir, signal }: HostOptions): Promise<HostPlace> {
  await checkNix(env, signal);
  await ensureDir(dir);
  // Held by one that works here: what it was given is in use.
  const lock = await tryLock(join(dir, `${uniqueSuffix()}.lock`));
  const temporary: string[] = [];
  return {
    kind: 'host',
    storeDir: env.NIX_STORE_DIR || '/nix/store',
    run: (argv, options) => stream(argv, { ...options, env: { ...env, ...options.env } }),
    async bundle({ input, digest, files }) {
      const place = join(dir, `${input}-${digest.slice(0, 16)}`);
      if (!(await exists(place))) await writeBundle(place, files, signal);
      return place;
    },
    async source(source) {
      const copy = await mkdtemp(join(dir, 'source-'));
      temporary.push(copy);
      await copySource(source, copy, signal);
      return join(copy, source.subfolder);
    },
    // How its file system counts reads is the host's affair.
    reads: async () => undefined,
    output: (path) => path,
    dispose: async () => {
      for (const path of temporary) await rm(path, { recursive: true, force: true });
      await lock?.release();
    },
  };
}

async function checkNix(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  let said = '';
  const take = (chunk: Buffer) => {
    said += chunk.toString();
  };
  const hint = 'mvmctl build   (builds in the builder VM, which brings its own Nix)';
  const status = await stream(['nix', '--version'], { env, onStdout: take, onStderr: take, signal }).catch(
    (cause: unknown) => {
      if (!(cause instanceof MvmError) || cause.code !== 'SETUP_NEEDED') throw cause;
      throw new MvmError(
        'SETUP_NEEDED',
        '--builder host needs Nix on this host, but there is no nix on PATH.',
        {
          cause,
          hint,
        },
      );
    },
  );
  if (status === 0 && /^nix \(.*\) \d/m.test(said)) return;
  const details = said.trim().split('\n').slice(-5);
  throw new MvmError(
    'SETUP_NEEDED',
    '--builder host: the nix on PATH does not answer --version as Nix does.',
    {
      details,
      hint,
    },
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** All of it or nothing; two at once write the same. */
async function writeBundle(place: string, files: readonly TarFile[], signal: AbortSignal): Promise<void> {
  const temporary = `${place}.${uniqueSuffix()}.tmp`;
  try {
    for (const file of files) {
      const path = join(temporary, file.name);
      makeDir(dirname(path));
      const mode = file.executable === true ? 0o755 : 0o644;
      await pipeline(
        Readable.from(readTarFile(file), { objectMode: false }),
        createWriteStream(path, { mode }),
        {
          signal,
        },
      );
    }
    await rename(temporary, place).catch((error: unknown) => {
      if (!['EEXIST', 'ENOTEMPTY'].includes(systemCode(error) ?? '')) throw error;
    });
  } catch (error) {
    signal.throwIfAborted();
    throw writeError(error, place);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
