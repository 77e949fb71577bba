import { MvmError } from '../../errors/mvm-error.ts';
import { defineCommand } from '../command.ts';
import { serviceName, vmOrService } from '../complete-values.ts';
import { parseLineCount, parseSince } from '../values.ts';
import { vmArgument } from '../vm-argument.ts';

interface Options {
  follow: boolean;
  all: boolean;
  since: number;
  tail: number;
  timestamps: boolean;
  json: boolean;
}

export const logs = defineCommand<Options>({
  name: 'logs',
  summary: "print a VM's console, or the log of a service",
  description:
    "Prints the log of a service, or of all with --all; it is kept by the running VM. Without a service: the VM's serial console of its current or last boot, which has the kernel's and the agent's messages.",
  arguments: [
    { ...vmArgument, complete: vmOrService },
    {
      name: 'service',
      description: 'the service, or entrypoint; of the VM of this project it is enough to name the service',
      complete: serviceName,
    },
  ],
  options: [
    { flags: '-f, --follow', description: 'go on until the VM stops or Ctrl-C' },
    { flags: '-a, --all', description: 'of all services and the entrypoint, by time' },
    {
      flags: '--since <time>',
      description: 'not older than this: 90s, 10m, 2h, 1d ago, or a time like 2026-01-31T09:30',
      parse: parseSince,
    },
    { flags: '-n, --tail <lines>', description: 'only so many of the last lines', parse: parseLineCount },
    { flags: '-t, --timestamps', description: 'with the time of each line' },
    { flags: '--json', description: 'a line of JSON for each line of a service' },
  ],
  examples: [
    ['mvmctl logs', "the console of this project's VM"],
    ['mvmctl logs -f demo', 'watch it'],
    ['mvmctl logs redis --since 10m', "a service of this project's VM, the last ten minutes"],
    ['mvmctl logs demo --all -f', 'all services of the VM demo, as they write'],
  ],
  async run(context, { arguments: words, options }) {
    const { findVmAndService } = await import('../find-service.ts');
    const { vm, service } = await findVmAndService(context, words);
    if (service !== undefined || options.all === true) {
      const { requireRunning } = await import('../../vm/find.ts');
      const { printServiceLogs } = await import('../print-service-logs.ts');
      await printServiceLogs(context, requireRunning(vm), { ...options, service });
      return 0;
    }
    const odd = (['since', 'timestamps', 'json'] as const).find((name) => options[name] !== undefined);
    if (odd !== undefined) {
      throw new MvmError(
        'USAGE',
        `--${odd} needs a service: the console's lines have no times of their own.`,
        {
          hint: `mvmctl logs ${vm.name} --all --${odd}${odd === 'since' ? ' …' : ''}`,
        },
      );
    }
    const { followLog } = await import('../../vm/follow-log.ts');
    const { withGuestOutput } = await import('../guest-output.ts');
    context.endProgress();
    const { follow = false, tail } = options;
    await withGuestOutput(context, (out) => followLog(vm, out, { follow, tail, signal: context.signal }));
    return 0;
  },
});
