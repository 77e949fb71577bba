import { defineCommand } from '../command.ts';
import { vmName } from '../complete-values.ts';
import { stopAndTell } from '../stop-and-tell.ts';

export const devDown = defineCommand<{ force: boolean; name: string }>({
  name: 'dev down',
  summary: "stop this project's dev VM",
  description: "Stops this project's dev VM. What was written in it is there again at the next 'dev up'.",
  options: [
    { flags: '-f, --force', description: "don't ask the guest; unwritten data is lost" },
    { flags: '--name <name>', description: "another VM than the project's own", complete: vmName },
  ],
  examples: [
    ['mvmctl dev down', "stop this project's dev VM"],
    ['mvmctl dev down --name arm', 'stop the VM that --name made'],
  ],
  async run(context, { options }) {
    const { findDevVm } = await import('../../vm/find.ts');
    const vm = await findDevVm(context.paths, context.cwd, options.name);
    await stopAndTell(context, vm.name, options.force === true);
    return 0;
  },
});
