#!/usr/bin/env node
import { join } from 'node:path';
import { groups } from './cli/program/command.ts';
import { runWithKeptCode } from './kept-code.ts';
import { codeDir, findPaths, HomeUnknown, type Paths } from './state/paths.ts';

/** Set by the bundler: the SHA-256 of main.cjs. */
declare const MVM_MAIN_DIGEST: string;

/** The oldest Node that an installed package runs on; a checkout builds with Node 24. */
const oldest = [20, 12] as const;

/** What main.ts will say that it ran, if it can be determined from the first words. */
function commandName([first = '', second = '']: readonly string[]): string | undefined {
  if (first === '' || first.startsWith('-')) return 'help';
  const name = Object.hasOwn(groups, first) ? `${first} ${second}` : first;
  return /^[a-z]+( [a-z]+)?$/.test(name) ? name : undefined;
}

function pathsOrExit(): Paths {
  try {
    return findPaths();
  } catch (error) {
    if (!(error instanceof HomeUnknown)) throw error;
    process.stderr.write(
      `error: HOME is not set, and the system knows no home of user ${process.geteuid?.()}.\n` +
        `  → export HOME=/path/of/a/folder/of/yours\n`,
    );
    process.exit(1);
  }
}

// Node opens a debugger's port at this signal where nobody listens; it ends any other process. (Its own flag against
// that makes it deaf to the signal, which `exec` passes on.)
process.on('SIGUSR1', () => {
  if (process.listenerCount('SIGUSR1') === 1) process.exit(138);
});

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
  process.stderr.write(
    `error: mvmctl needs Node ${oldest.join('.')} or newer; this is Node ${process.versions.node}.\n` +
      `  → npx --package=node@24 --package=mvm mvmctl   (or install a newer Node)\n`,
  );
  process.exitCode = 1;
} else {
  // Came with Node 22.
  Promise.withResolvers ??= function withResolvers<T>() {
    let resolve!: PromiseWithResolvers<T>['resolve'];
    let reject!: PromiseWithResolvers<T>['reject'];
    const promise = new Promise<T>((onResolve, onReject) => {
      resolve = onResolve;
      reject = onReject;
    });
    return { promise, resolve, reject };
  };
  // A file for each command, as each calls something else; none for words that are no command.
  const name = commandName(process.argv.slice(2));
  const paths = pathsOrExit();
  const path = name && join(codeDir(paths), name.replace(' ', '-'));
  runWithKeptCode<typeof import('./main.ts')>(
    join(import.meta.dirname, 'main.cjs'),
    { path, digest: MVM_MAIN_DIGEST },
    (main) => main.completed() === name,
  );
}
