import { PassThrough, type Readable } from 'node:stream';
import type { RunningVm } from '../../vm/state/vm.ts';
import { builderFailed } from '../machine/failure.ts';
import { keepTail, runJob } from '../machine/job.ts';

export interface TreeOptions {
  signal: AbortSignal;
}

type Builder = RunningVm;

const unpack = 'rm -rf -- "$1" && mkdir -p -- "$1" && exec tar -x --no-same-owner -C "$1" -f -';

/**
 * Makes `dir` in the builder what the tar stream holds; what was there is removed. Owners are dropped, so
 * that the same tree is the same source no matter who sends it. Throws BUILDER_FAILED (disk full, broken stream),
 * and what reading the stream throws.
 */
export async function sendTree(vm: Builder, tar: Readable, dir: string, options: TreeOptions): Promise<void> {
  const tail = keepTail();
  // A source that breaks must not end as a shorter tree.
  const broken = new AbortController();
  const failed = (error: Error) => broken.abort(error);
  tar.once('error', failed);
  try {
    const status = await runJob(vm, ['sh', '-c', unpack, 'sh', dir], {
      stdin: tar,
      onStderr: tail.take,
      signal: AbortSignal.any([options.signal, broken.signal]),
    });
    broken.signal.throwIfAborted();
    if (status !== 0)
      throw builderFailed(`The source could not be unpacked into ${dir}`, status, tail.lines(5));
  } finally {
    tar.off('error', failed);
  }
}

const pack =
  'path=$1; shift; exec tar -c --sort=name --mtime=@1 --owner=0 --group=0 --numeric-owner --format=posix ' +
  '--pax-option=delete=atime,delete=ctime --anchored "$@" -C "$path" .';

/**
 * A tar stream of what `path` in the builder holds, except for files of some names: with path `./…`, owner 0:0. It
 * slows the builder down if the reader is slow, and fails with BUILDER_FAILED.
 */
export function receiveTree(
  vm: Builder,
  path: string,
  options: TreeOptions & { without?: readonly string[] },
): Readable {
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  const tail = keepTail();
  const excluded = (options.without ?? []).map((name) => `--exclude=./${name}`);
  runJob(vm, ['sh', '-c', pack, 'sh', path, ...excluded], {
    stdout: out,
    onStderr: tail.take,
    signal: options.signal,
  }).then(
    (status) => {
      if (status === 0) out.end();
      else if (!out.destroyed) out.destroy(builderFailed(`${path} could not be sent`, status, tail.lines(5)));
    },
    (error: unknown) => out.destroy(error as Error),
  );
  return out;
}
