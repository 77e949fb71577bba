import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Bundle } from '../../src/builder/library/library.ts';
import { runJob } from '../../src/builder/machine/job.ts';
import { ensureBuilder } from '../../src/builder/machine/lifecycle.ts';
import { takeTurn } from '../../src/builder/machine/queue.ts';
import { hostPlace } from '../../src/builder/place/host.ts';
import { sendBundle } from '../../src/builder/place/send-bundle.ts';
import { sendTree } from '../../src/builder/place/tree.ts';
import { copySource } from '../../src/project/copy-source.ts';
import type { Source } from '../../src/project/source-entry.ts';
import { tarStream } from '../../src/project/tar-source.ts';
import { findPaths } from '../../src/state/paths.ts';
import { runProcess, testCache } from '../mvmctl.ts';
import { type NativeNix, nativeNix } from './native-nix.ts';

/** Nix as a person uses it, without mvmctl: on this machine where `nativeNix` can be had, else in the builder VM. */
export interface NixThere {
  /** A folder for the test's own files. */
  dir: string;
  run(argv: readonly string[]): Promise<{ status: number | null; stdout: string; stderr: string }>;
  /** Puts files there, as `dir`/NAME; the path. */
  source(source: Pick<Source, 'root' | 'entries'>, name: string): Promise<string>;
  /** Puts what the tool brings along there; the path. */
  bundle(bundle: Bundle): Promise<string>;
  dispose(): Promise<void>;
}

export async function nixThere(): Promise<NixThere> {
  const nix = await nativeNix();
  return nix === undefined ? inBuilder() : onHost(nix);
}

const { signal } = new AbortController();

async function onHost({ within, bin }: NativeNix): Promise<NixThere> {
  const dir = await mkdtemp(join(tmpdir(), 'mvm-nix-'));
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  return {
    dir,
    run: (argv) => runProcess([...within, ...argv], { env }),
    async source(source, name) {
      await copySource(source, join(dir, name), signal);
      return join(dir, name);
    },
    async bundle(bundle) {
      const place = await hostPlace({ env, dir, signal });
      const path = await place.bundle(bundle);
      await place.dispose();
      return path;
    },
    dispose: () => rm(dir, { recursive: true }),
  };
}

async function inBuilder(): Promise<NixThere> {
  const paths = findPaths({ MVM_STATE_DIR: inject('builderState'), MVM_CACHE_DIR: testCache });
  const options = { paths, env: process.env, emit() {}, signal };
  const builder = await ensureBuilder(options);
  const dir = '/mvm';
  return {
    dir,
    async run(argv) {
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      const status = await runJob(builder, argv, {
        onStdout: (chunk) => out.push(chunk),
        onStderr: (chunk) => err.push(chunk),
        signal,
      });
      return { status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
    },
    async source(source, name) {
      await sendTree(builder, tarStream(source, signal), join(dir, name), { signal });
      return join(dir, name);
    },
    async bundle(bundle) {
      let path = '';
      await takeTurn({ paths, emit() {}, signal, what: 'the package set' }, async () => {
        path = await sendBundle(builder, bundle, signal);
      });
      return path;
    },
    dispose: async () => {},
  };
}
