import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runJob } from '../src/builder/machine/job.ts';
import { ensureBuilder } from '../src/builder/machine/lifecycle.ts';
import { builderFiles } from '../src/builder/machine/paths.ts';
import { findPaths } from '../src/state/paths.ts';
import { defaultImage } from '../src/vm/images/default-image.ts';
import { ownArch } from '../src/vm/state/record.ts';
import type { Running } from '../test/mvmctl.ts';
import { endProcess } from '../test/processes.ts';
import { hold, lastError, type SoakHome } from './home.ts';
import { writePartsFlake } from './parts.ts';
import type { Soak } from './soak.ts';

const build = ['build', '--flake', '.', '--profile', 'dev', '--json'];

/**
 * The builder's QEMU, mvmctl, or both are killed at a random moment of a build, in a store that is new or has been
 * through it before. Then mvmctl ends soon, the next build works and its result is right to the byte, and no path of
 * the store is damaged.
 */
export const builderSoak: Soak = {
  count: 50,
  async open(home) {
    const options = surroundings(home);
    const initrd = readFileSync((await defaultImage(ownArch(), options)).initrd);
    return {
      async round(random, name) {
        const fresh = !existsSync(builderFiles(options.paths).disk) || random.oneIn(4);
        const victim = random.pick(['vmm', 'vmm', 'vmm', 'vmm', 'vmm', 'mvmctl', 'both']);
        const stopped = fresh || random.oneIn(3);
        if (fresh) await home.good(['builder', 'reset', '--force'], { within: 60 });
        else if (stopped) await home.good(['builder', 'stop', '--force'], { within: 60 });
        const kernel = writePartsFlake(home.project, name, initrd);
        const from = random.pick(['Building packages', 'Building packages', 'Building packages', undefined]);
        const moment = Math.round(random.next() * 10_000);
        const killed = await home.run(build, {
          within: 300,
          meanwhile: (running) => kill(home, running, { victim, from, moment }),
        });
        const how = killed.signal ?? killed.status;
        if (how !== 0 && how !== 'SIGKILL') {
          hold(killed.stderr.includes('error: '), 'the build that was killed ended without an error');
        }
        const { stdout } = await home.good(build, { within: 300 });
        const { path, cached } = JSON.parse(stdout) as { path: string; cached: boolean };
        // A kill that came after the build leaves nothing to build, and so no builder.
        hold(cached || home.qemus().length === 1, `${home.qemus().length} QEMUs run`);
        hold(home.qemus().length <= 1, 'more than one QEMU runs');
        hold(readFileSync(join(path, 'kernel')).equals(kernel), 'the build gave other bytes than it should');
        await checkStore(home);
        return `${fresh ? 'new' : stopped ? 'cold' : 'warm'} store, ${victim} killed ${moment} ms after ${from ?? 'the start'} (${how}: ${lastError(killed.stderr)})`;
      },
      evidence(folder) {
        const files = builderFiles(options.paths);
        mkdirSync(folder, { recursive: true });
        for (const path of [files.consoleLog, join(files.dir, 'vmm.log')]) {
          if (existsSync(path)) copyFileSync(path, join(folder, path.slice(files.dir.length + 1)));
        }
      },
    };
  },
};

function surroundings(home: SoakHome) {
  const { signal } = new AbortController();
  return { paths: findPaths(home.env), env: home.env, emit() {}, signal };
}

interface Kill {
  victim: string;
  /** What mvmctl says when the time begins to count; its start unless given. */
  from: string | undefined;
  /** Milliseconds. */
  moment: number;
}

async function kill(home: SoakHome, running: Running, { victim, from, moment }: Kill): Promise<void> {
  let ended = false;
  const done = running.done.then(() => {
    ended = true;
  });
  if (from !== undefined) await running.says(from).catch(() => {});
  await Promise.race([delay(moment, undefined, { ref: false }), done]);
  if (victim !== 'vmm') running.kill('SIGKILL');
  // Where the moment comes before there is a QEMU, the next moment is as good.
  while (victim !== 'mvmctl' && home.qemus().length === 0 && !ended) await delay(20);
  if (victim !== 'mvmctl') for (const pid of home.qemus()) endProcess(pid);
}

/** Every path that is registered has the content that it was registered with. */
async function checkStore(home: SoakHome): Promise<void> {
  const options = surroundings(home);
  const said: string[] = [];
  const take = (chunk: Buffer) => said.push(chunk.toString());
  const argv = ['nix-store', '--verify', '--check-contents'];
  const builder = await ensureBuilder(options);
  const { signal } = options;
  const status = await runJob(builder, argv, { onStdout: take, onStderr: take, signal });
  hold(
    status === 0 && !/was modified|disappeared/.test(said.join('')),
    `the store is damaged: ${said.join('')}`,
  );
}
