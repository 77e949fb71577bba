import { join } from 'node:path';
import { tarStream } from '../../project/tar-source.ts';
import type { RunningVm } from '../../vm/state/vm.ts';
import type { Surroundings } from '../../vm/surroundings.ts';
import { runJob } from '../machine/job.ts';
import { sourceDir } from '../nix/build.ts';
import type { NixPlace } from './place.ts';
import { sendBundle } from './send-bundle.ts';
import { addToStore, traceReads } from './trace-reads.ts';
import { receiveTree, sendTree } from './tree.ts';

/** The builder VM as a place to build in. Its user must hold the queue's turn. */
export function vmPlace(vm: RunningVm, { emit, signal }: Pick<Surroundings, 'emit' | 'signal'>): NixPlace {
  return {
    kind: 'vm',
    storeDir: '/nix/store',
    run: (argv, options) => runJob(vm, argv, { emit, ...options }),
    bundle: (bundle) => sendBundle(vm, bundle, signal),
    async source(source) {
      await sendTree(vm, tarStream(source, signal), sourceDir, { signal });
      return addToStore(vm, join(sourceDir, source.subfolder), signal);
    },
    reads: (folder) => traceReads(vm, folder, signal),
    output: (path) => (without) => receiveTree(vm, path, { signal, without }),
  };
}
