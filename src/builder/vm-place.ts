import { tarStream } from '../project/tar-source.ts';
import type { Surroundings } from '../vm/surroundings.ts';
import type { RunningVm } from '../vm/vm.ts';
import { runJob } from './job.ts';
import { sourceDir } from './nix-build.ts';
import type { NixPlace } from './nix-place.ts';
import { sendBundle } from './send-bundle.ts';
import { traceReads } from './trace-reads.ts';
import { receiveTree, sendTree } from './tree.ts';

/** The builder VM as a place to build in; whoever uses it holds the queue's turn. */
export function vmPlace(vm: RunningVm, { emit, signal }: Pick<Surroundings, 'emit' | 'signal'>): NixPlace {
  return {
    kind: 'vm',
    storeDir: '/nix/store',
    run: (argv, options) => runJob(vm, argv, { emit, ...options }),
    async bundle(bundle) {
      await sendBundle(vm, bundle, signal);
      return bundle.dir;
    },
    async source(source) {
      await sendTree(vm, tarStream(source, signal), sourceDir, { signal });
      return sourceDir;
    },
    reads: (source) => traceReads(vm, source, signal),
    output: (path) => receiveTree(vm, path, { signal }),
  };
}
