import { MvmError } from '../../errors/mvm-error.ts';
import type { Usage } from '../../vm/condition/usage.ts';
import type { Vm } from '../../vm/state/vm.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import { type Context, print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

/** Between two readings of which one tells how busy a VM is, in milliseconds; and where that is shown all the time. */
const [onceMs, liveMs] = [500, 1000];

export const stats = defineCommand<{ all: boolean; json: boolean }>({
  name: 'stats',
  aliases: ['top'],
  summary: 'show what VMs use',
  description:
    'Show what VMs use: CPU (100 % is one CPU of this host), memory as the guest and as this host sees it, disk space, network, and open streams (connections through forwarded ports, for example). On a terminal this is updated until you press q or Ctrl-C.',
  arguments: [{ ...vmArgument, name: 'vms', variadic: true }],
  options: [
    { flags: '-a, --all', description: 'all VMs that run' },
    { flags: '--json', description: 'print one reading as JSON' },
  ],
  examples: [
    ['mvmctl stats', "watch this project's VM"],
    ['mvmctl stats --all', 'watch all VMs that run'],
    ['mvmctl stats demo --json', 'one reading, for a script'],
  ],
  async run(context, { arguments: names, options }) {
    const find = () =>
      findVms(
        context,
        names.filter((name) => name !== undefined),
        options.all === true,
      );
    const found = await find();
    if (found.length === 0) {
      if (options.json === true) await printJson(context, []);
      else context.emit({ type: 'note', level: 'info', text: 'No VM is running.' });
      return 0;
    }
    const isLive = options.json !== true && context.stdout.isTTY === true;
    if (isLive) {
      const { watchUsage } = await import('../attach/watch-usage.ts');
      await watchUsage(context, (before) => read(context, find, before), liveMs);
      return 0;
    }
    const { setTimeout: delay } = await import('node:timers/promises');
    const first = await read(context, async () => found, []);
    await delay(onceMs, undefined, { signal: context.signal }).catch(() => context.signal.throwIfAborted());
    const all = await read(context, find, first);
    if (options.json === true) {
      await printJson(
        context,
        all.map(({ atMs: _, ...usage }) => usage),
      );
      return 0;
    }
    const { usageTable } = await import('../render/usage-table.ts');
    await print(context, usageTable(all, undefined));
    return 0;
  },
});

/** One that does not run is an error, unless others were asked for, too. */
async function findVms({ paths, cwd }: Context, names: readonly string[], all: boolean): Promise<Vm[]> {
  if (all && names.length > 0) {
    throw new MvmError('USAGE', '--all takes no names: it shows every VM that runs.', {
      hint: `mvmctl stats ${names.join(' ')}`,
    });
  }
  if (all) {
    const { listVms } = await import('../../vm/state/list.ts');
    return (await listVms(paths)).filter(({ vmm }) => vmm !== undefined);
  }
  const { findVm, requireRunning } = await import('../../vm/state/find.ts');
  const [first, ...others] = new Set(names);
  const vms = await Promise.all([
    findVm(paths, cwd, first),
    ...others.map((name) => findVm(paths, cwd, name)),
  ]);
  return vms.every(({ vmm }) => vmm === undefined) ? vms.map((vm) => requireRunning(vm)) : vms;
}

async function read(
  { signal }: Context,
  find: () => Promise<Vm[]>,
  before: readonly Usage[],
): Promise<Usage[]> {
  const { usageOfVm } = await import('../../vm/condition/usage.ts');
  const earlier = (name: string) => before.find((usage) => usage.name === name);
  return Promise.all((await find()).map((vm) => usageOfVm(vm, earlier(vm.name), signal)));
}
