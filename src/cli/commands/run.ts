import { MvmError } from '../../errors/mvm-error.ts';
import { defineCommand } from '../program/command.ts';
import { exec } from './exec.ts';

/** What the original calls `exec` in the project's VM; it says which one that is. */
export const run = defineCommand<object>({
  name: 'run',
  summary: "run a command in this project's VM",
  hidden: true,
  passesWords: true,
  examples: [['mvmctl run uname -a', "the same as 'mvmctl exec -- uname -a'"]],
  async run(context, { rest }) {
    const [first] = rest;
    if (first === undefined || first.startsWith('-')) {
      throw new MvmError('USAGE', `mvmctl run takes a command and no options; 'mvmctl exec' has options.`, {
        hint: first === undefined ? 'mvmctl exec -- CMD' : `mvmctl exec --help   (then mvmctl exec … -- CMD)`,
      });
    }
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const vm = await findRunningVm(context.paths, context.cwd, undefined);
    context.emit({ type: 'note', level: 'info', text: `In ${vm.name}, the VM of ${vm.record.project}:` });
    return exec.run(context, { arguments: [vm.name], options: {}, rest });
  },
});
