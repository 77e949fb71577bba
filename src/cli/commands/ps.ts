import { vmArgument } from '../arguments/vm-argument.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const ps = defineCommand<{ json: boolean; watch: boolean }>({
  name: 'ps',
  summary: "show a VM's services and their state",
  description:
    'Show the services, entrypoint and health checks of a running VM: their state, process, restarts, uptime, readiness and health, and what is wrong.',
  arguments: [vmArgument],
  options: [
    {
      flags: '--watch',
      aliases: ['-w'],
      description: 'keep updating until the VM stops or you press Ctrl-C',
    },
    { flags: '--json', description: 'print as JSON; with --watch, one line for each change' },
  ],
  examples: [
    ['mvmctl ps', "show the services of this project's VM"],
    ['mvmctl ps demo --watch', 'watch the services of the VM demo start'],
    ['mvmctl ps --json', 'print the same for a script'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const vm = await findRunningVm(context.paths, context.cwd, name);
    const watch = await import('../services/watch.ts');
    if (options.watch === true) {
      const { guestAccess } = await import('../../vm/condition/guest.ts');
      const { followServices } = await import('../../guest/services/services.ts');
      const { untilStopped } = await import('../services/until-stopped.ts');
      const guest = guestAccess(vm, context.emit);
      const states = followServices(guest, context.signal);
      context.endProgress();
      await untilStopped(context, vm, () => {
        if (options.json === true) return watch.watchAsJson(context, states);
        return context.stdout.isTTY
          ? watch.watchOnScreen(context, states)
          : watch.watchAsLines(context, states);
      });
      return 0;
    }
    const { servicesOf } = await import('../arguments/find-service.ts');
    const state = await servicesOf(context, vm);
    if (options.json === true) {
      await printJson(context, { vm: vm.name, ...state });
      return 0;
    }
    const text = watch.showServices(context, state);
    if (text !== '') await print(context, text);
    else context.emit({ type: 'note', level: 'info', text: `${vm.name} runs no services.` });
    return 0;
  },
});
