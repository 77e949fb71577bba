import { MvmError } from '../../errors/mvm-error.ts';
import type { Surroundings } from '../../vm/surroundings.ts';
import type { ExecFlags } from '../attach/exec-in-vm.ts';
import { defineCommand } from '../program/command.ts';
import { mountFlags, sizeFlags, type UpFlags, upRequest } from '../up/options.ts';
import { buildFlags } from './build.ts';
import { programFlags } from './exec.ts';

type Flags = UpFlags & ExecFlags & { keep: boolean };

export const run = defineCommand<Flags>({
  name: 'run',
  summary: 'run one command in a VM of its own',
  description:
    "Run one command in a VM that is made for it and is gone afterwards, passing on its output and exit status. It starts in this project's folder, as an overlay: what it writes there is gone, too, unless --mount or --keep says otherwise.",
  options: [
    ...programFlags,
    ...sizeFlags,
    ...mountFlags,
    ...buildFlags,
    { flags: '--keep', description: 'leave the VM running, and say its name' },
  ],
  passesWords: true,
  rest: { name: 'CMD…', description: 'the command to run' },
  examples: [
    ['mvmctl run -- make test', 'run it in a fresh VM, with this folder'],
    ['mvmctl run --mount .:rw -- npm install', 'the same, writing into this folder'],
    ['mvmctl run -it -- sh', 'open a shell that leaves nothing behind'],
  ],
  async run(context, { options, rest }) {
    const { mount, env: _, ...machine } = options;
    const asked = upRequest({ ...machine, ...(mount === undefined ? {} : { mount }) });
    const { paths, env, emit, signal, cwd } = context;
    const surroundings = { paths, env, emit, signal };
    const { removeLeftovers } = await import('../../vm/leftovers.ts');
    const { bringUp } = await import('../../vm/up/up.ts');
    const { projectBuild } = await import('../up/project-build.ts');
    const { execInVm } = await import('../attach/exec-in-vm.ts');
    await removeLeftovers(paths, { emit, signal });
    const { randomBytes } = await import('node:crypto');
    const name = `run-${randomBytes(4).toString('hex')}`;
    const keeps = options.keep === true;
    let isKept = false;
    /** What the VM has not written yet would be missed. */
    let writesHere = false;
    try {
      const { vm } = await bringUp({
        ...surroundings,
        ...asked,
        mount: asked.mount ?? 'overlay',
        name,
        kind: 'dev',
        throwaway: !keeps,
        cwd,
        build: projectBuild({ ...surroundings, cwd }),
      });
      writesHere = vm.boot.shares.some(({ mode }) => mode === 'live');
      if (vm.boot.shares.length > 0) {
        const { showShares } = await import('../../vm/up/show-shares.ts');
        await showShares(vm, { emit, signal, tells: false });
      }
      isKept = keeps;
      const status = await execInVm(context, vm, rest, options);
      if (keeps)
        emit({
          type: 'note',
          level: 'info',
          text: `${name} is kept. To look: mvmctl console ${name}; to remove it: mvmctl rm --force ${name}`,
        });
      return status;
    } finally {
      if (!isKept) await throwAway(name, writesHere, surroundings);
    }
  },
});

/** Also where a signal has ended the command: it is none to leave a VM behind. */
async function throwAway(name: string, gently: boolean, { paths, emit }: Surroundings): Promise<void> {
  const { stopVm } = await import('../../vm/stop.ts');
  const { removeVm } = await import('../../vm/remove.ts');
  const { signal } = new AbortController();
  // Nobody wants to hear how it goes.
  const options = { paths, signal, emit: () => {} };
  try {
    if (gently) await stopVm(name, options);
    await removeVm(paths, name, { ...options, force: true });
  } catch (error) {
    if (!(error instanceof MvmError)) throw error;
    const text = `${error.message} To remove it: mvmctl rm --force ${name}`;
    emit({ type: 'note', level: 'warn', text });
  }
}
