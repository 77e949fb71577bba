import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { entry, runProcess, testCache } from '../mvmctl.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** MVM_STATE_DIR of the tests that share a builder VM. */
    builderState: string;
  }
}

/**
 * One state folder for all test files that build: the builder boots once a run, with an empty store, and stays warm
 * from one file to the next.
 */
export default function setup(project: TestProject): () => Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'mvm-builds-'));
  project.provide('builderState', state);
  return async () => {
    const env = { ...process.env, MVM_STATE_DIR: state, MVM_CACHE_DIR: testCache };
    await runProcess([process.execPath, entry, 'builder', 'stop', '--force'], { env });
    rmSync(state, { recursive: true, force: true });
  };
}
