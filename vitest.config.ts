import { defineConfig } from 'vitest/config';
import pkg from './package.json' with { type: 'json' };
import { BuildersFirst } from './test/vm/builders-first.ts';

/**
 * Four projects, by what a test needs: `unit` runs without processes or network, `share` uses shared folders with real programs and
 * this host's FUSE, `cli` runs the built `mvmctl` as a process with an empty HOME, `vm` boots real guests (three files at once: a
 * guest under emulation takes a whole core while it works).
 */
export default defineConfig({
  test: {
    sequence: { sequencer: BuildersFirst },
    projects: [
      {
        test: {
          name: 'unit',
          globalSetup: ['test/own-tmpdir.ts'],
          include: ['src/**/*.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'share',
          globalSetup: ['test/own-tmpdir.ts'],
          include: ['test/share/**/*.test.ts'],
          testTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'cli',
          globalSetup: ['test/own-tmpdir.ts'],
          include: ['test/cli/**/*.test.ts'],
          testTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        // Tests that call the sources use the builder of the bundled tool, which is named after its version, too.
        define: { MVM_VERSION: JSON.stringify(pkg.version) },
        test: {
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          globalSetup: ['test/own-tmpdir.ts', 'test/vm/builder-state.ts', 'test/vm/native-nix.ts'],
          // Tests that build wait for the builds of the other test file.
          testTimeout: 900_000,
          hookTimeout: 900_000,
          // A limit, not an expectation: with two emulated guests, anything may take seconds.
          expect: { poll: { timeout: 30_000 } },
          // Half of the time a test waits for something: a third file uses it.
          maxWorkers: 3,
        },
      },
    ],
  },
});
