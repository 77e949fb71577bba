import { defineCommand } from '../command.ts';
import { vmName } from '../complete-values.ts';
import { printJson } from '../context.ts';
import { describeVm } from '../describe-vm.ts';
import { printVm } from '../print-vm.ts';

export const inspect = defineCommand<{ json: boolean }>({
  name: 'inspect',
  summary: 'show all that is known of a VM',
  arguments: [{ name: 'vm', description: "the VM; without it, this project's", complete: vmName }],
  options: [{ flags: '--json', description: "as JSON, with the guest's own account where it runs" }],
  examples: [
    ['mvmctl inspect demo', 'status, size, disk, logs'],
    ['mvmctl inspect demo --json', 'for a script'],
  ],
  async run(context, { arguments: [name], options }) {
    const { findVm } = await import('../../vm/find.ts');
    const { isRunning } = await import('../../vm/vm.ts');
    const vm = await findVm(context.paths, context.cwd, name);
    if (options.json !== true) {
      await printVm(context, vm);
      return 0;
    }
    let guest: unknown = null;
    if (isRunning(vm)) {
      const { guestAccess } = await import('../../vm/guest.ts');
      const { guestInfo } = await import('../../guest/info.ts');
      const { connect, key } = guestAccess(vm);
      guest = await guestInfo(connect, key, context.signal);
    }
    await printJson(context, { ...describeVm(vm), boot: bootFacts(vm.boot), guest });
    return 0;
  },
});

/** The boot's record without its key. */
function bootFacts(boot: object | undefined): object | null {
  if (boot === undefined) return null;
  return Object.fromEntries(Object.entries(boot).filter(([name]) => name !== 'key'));
}
