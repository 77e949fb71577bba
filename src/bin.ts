#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { findPaths } from './state/paths.ts';

/** The oldest Node that an installed package runs on; a checkout builds with Node 24. */
const oldest = [20, 12] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `error: mvmctl needs Node ${oldest.join('.')} or newer; this is Node ${process.versions.node}.\n` +
      `  → npx --package=node@24 --package=mvm mvmctl   (or install a newer Node)\n`,
  );
  process.exitCode = 1;
} else {
  // Both came with Node 22. Kept compiled code saves a third of the start-up.
  module.enableCompileCache?.(join(findPaths().cache, 'compiled'));
  Promise.withResolvers ??= function withResolvers<T>() {
    let resolve!: PromiseWithResolvers<T>['resolve'];
    let reject!: PromiseWithResolvers<T>['reject'];
    const promise = new Promise<T>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    return { promise, resolve, reject };
  };
  // A file of its own, so that its compiled code is kept, too.
  void import('./main.ts');
}
