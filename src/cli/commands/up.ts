import { attachHint } from '../attach/hint.ts';
import { defineCommand } from '../program/command.ts';
import { jsonFlag, machineFlags, restartFlag, templateFlag, type UpFlags, waitFlags } from '../up/options.ts';
import { buildFlags } from './build.ts';

export const up = defineCommand<Omit<UpFlags, 'reset'>>({
  name: 'up',
  summary: "run the image of this project's flake",
  description:
    "Build the default output of this project's flake, boot it, show the output of its entrypoint until it ends, and exit with its status. Attach to the VM if it is already running. Ctrl-C stops it as 'stop' does; a second Ctrl-C stops it at once. Each start begins with a fresh copy of the image; only volumes are kept. If the entrypoint is a shell, open it; leaving the shell stops the VM.",
  options: [
    { flags: '-d, --detach', description: 'start it in the background' },
    ...waitFlags,
    ...machineFlags,
    restartFlag,
    templateFlag,
    ...buildFlags,
    jsonFlag,
  ],
  examples: [
    ['mvmctl up', 'run it here; Ctrl-C stops it'],
    ['mvmctl up -d', 'run it in the background; mvmctl stop stops it'],
    ['mvmctl up --wait', 'return when its services are ready'],
    ['mvmctl up --profile worker', 'run another output of the flake'],
  ],
  async run(context, { options }) {
    const { runUp } = await import('../up/run-up.ts');
    const running = await runUp(context, 'up', options);
    if (running === undefined) return 0;
    const { vm, started } = running;
    if (!started) {
      const text = `${vm.name} is already running; attaching to it.`;
      context.emit({ type: 'note', level: 'info', text });
    }
    if (vm.boot.entrypointKind === 'shell' && vm.boot.sealed) {
      const text = `${vm.name} is running. Its image is sealed and its entrypoint is a shell, so there is nothing to attach to. ${attachHint(vm)}`;
      context.emit({ type: 'note', level: 'info', text });
      return 0;
    }
    if (vm.boot.entrypointKind === 'shell') {
      const { attach } = await import('../attach/attach.ts');
      const { status, ended } = await attach(context, vm, 'ends it');
      if (ended) {
        const { stopVm } = await import('../../vm/stop.ts');
        const { paths, emit, signal } = context;
        await stopVm(vm.name, { paths, emit, signal });
      }
      return status;
    }
    const { runAttached } = await import('../attach/run-attached.ts');
    return runAttached(context, vm);
  },
});
