import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entry, type Result, type Running, startProcess } from '../test/mvmctl.ts';
import { endProcess, qemusIn } from '../test/processes.ts';

/** A round that found something wrong. */
export class Wrong extends Error {}

export function hold(good: boolean, what: string): asserts good {
  if (!good) throw new Wrong(what);
}

export interface RunBounds {
  /** Seconds after which a command that has not ended counts as stuck, and is killed. */
  within: number;
  cwd?: string;
  /** Called as soon as it runs. */
  meanwhile?: (running: Running) => Promise<void>;
}

/** A state of its own, in a folder that outlives a soak that is stopped. */
export interface SoakHome {
  dir: string;
  project: string;
  env: NodeJS.ProcessEnv;
  /** Runs mvmctl to its end. Throws Wrong where that does not come in time, or where it shows a bug of mvmctl. */
  run(argv: readonly string[], bounds: RunBounds): Promise<Result>;
  /** The same, and throws Wrong where its status is not 0. */
  good(argv: readonly string[], bounds: RunBounds): Promise<Result>;
  /** The QEMUs that work here. */
  qemus(): number[];
  /** What was run since the last call, with what it said. */
  takeLog(): string;
  /** Ends all that runs here, and removes all state: the next round shall not suffer for this one. */
  reset(): void;
}

/**
 * @param cache images and downloads, kept through `reset`
 * @param project outside of any repository, whose source it would be
 */
export function makeSoakHome(dir: string, cache: string, project: string): SoakHome {
  const state = join(dir, 'state');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    HOME: join(dir, 'home'),
    LANG: 'C.UTF-8',
    // Machines that are made in the background would be taken for what is left behind.
    MVM_TEMPLATES: 'off',
    MVM_STATE_DIR: state,
    MVM_CACHE_DIR: cache,
  };
  const log: string[] = [];
  const qemus = () => qemusIn(state);
  const run: SoakHome['run'] = async (argv, { within, cwd = project, meanwhile }) => {
    const started = performance.now();
    const running = startProcess([process.execPath, entry, ...argv], { cwd, env });
    running.stdin.end();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      running.kill('SIGKILL');
    }, within * 1000);
    const [result] = await Promise.all([running.done, meanwhile?.(running)]);
    clearTimeout(timer);
    const { status, signal, stdout, stderr } = result;
    const took = Math.round(performance.now() - started);
    log.push(`$ mvmctl ${argv.join(' ')}   (${signal ?? status}, ${took} ms)\n${stdout}${stderr}`);
    hold(!late, `mvmctl ${argv.join(' ')} did not end within ${within} s`);
    hold(!stderr.includes('bug:'), `mvmctl ${argv.join(' ')} shows a bug: ${lastError(stderr)}`);
    return result;
  };
  const make = () => {
    for (const folder of [project, join(dir, 'home')]) mkdirSync(folder, { recursive: true });
  };
  make();
  return {
    dir,
    project,
    env,
    run,
    async good(argv, bounds) {
      const result = await run(argv, bounds);
      hold(result.status === 0, `mvmctl ${argv.join(' ')} failed: ${lastError(result.stderr)}`);
      return result;
    },
    qemus,
    takeLog: () => log.splice(0).join('\n'),
    reset() {
      for (const pid of qemus()) endProcess(pid);
      for (const folder of [state, project]) rmSync(folder, { recursive: true, force: true });
      make();
    },
  };
}

/** The line that says what went wrong. */
export function lastError(stderr: string): string {
  const lines = stderr.trim().split('\n');
  return lines.findLast((line) => line.startsWith('error:')) ?? lines.at(-1) ?? '';
}
