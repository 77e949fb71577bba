import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { timeRun } from './measure.ts';

export const root = dirname(import.meta.dirname);
export const tool = [process.execPath, join(root, 'dist', 'mvmctl.cjs')];

/** A state of its own, with the machine's cache: nothing is measured while it downloads. */
export interface BenchHome {
  /** An empty folder, in which `mvmctl` runs unless told otherwise. */
  dir: string;
  env: NodeJS.ProcessEnv;
  /** Milliseconds of a whole run of `mvmctl`. */
  time(argv: readonly string[], cwd?: string): Promise<number>;
  /** What `mvmctl` prints. Throws where it fails. */
  output(argv: readonly string[], cwd?: string): string;
  /** Ends what runs, and removes the folder. */
  dispose(): void;
}

export function makeBenchHome(): BenchHome {
  const dir = mkdtempSync(join(tmpdir(), 'mvm-bench-'));
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    MVM_STATE_DIR: join(dir, 'state'),
    MVM_RUNTIME_DIR: join(dir, 'run'),
    // What is measured is a boot, unless `prepareTemplate` says otherwise.
    MVM_TEMPLATES: 'off',
  };
  const output = (argv: readonly string[], cwd = dir) =>
    execFileSync(tool[0] ?? '', [...tool.slice(1), ...argv], {
      cwd,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  return {
    dir,
    env,
    time: (argv, cwd = dir) => timeRun([...tool, ...argv], { cwd, env }),
    output,
    dispose() {
      const vms = JSON.parse(output(['ls', '--json'])) as { name: string }[];
      for (const { name } of vms) output(['stop', '--force', name]);
      output(['builder', 'stop', '--force']);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Has starts resume the default image from now on, from a template that is made here. */
export async function prepareTemplate(home: BenchHome): Promise<void> {
  home.env.MVM_TEMPLATES = 'use';
  await home.time(['dev', 'up', '-d']);
  await home.time(['template', 'make']);
  await home.time(['stop', '--force']);
}

/** Whether a VM of this home that runs was resumed from a template. */
export function wasResumed(home: BenchHome, name: string): boolean {
  return readFileSync(join(home.dir, 'state', 'vms', name, 'boot.json'), 'utf8').includes('"template"');
}
