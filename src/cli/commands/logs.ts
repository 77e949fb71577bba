import { MvmError } from '../../errors/mvm-error.ts';
import { startCommand } from '../../vm/state/kind.ts';
import type { Vm } from '../../vm/state/vm.ts';
import { serviceName, vmOrService } from '../arguments/complete-values.ts';
import { parseLineCount, parseSince } from '../arguments/values.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';

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
    "Print the log of a service, or of all of them with --all; for a stopped VM, what they wrote until it was stopped. Without a service, print the serial console of the VM's current or last boot: messages of its agent, and of a kernel in trouble.",
  arguments: [
    { ...vmArgument, complete: vmOrService },
    {
      name: 'service',
      description: "the service, or entrypoint; for this project's VM the service's name is enough",
      complete: serviceName,
    },
  ],
  options: [
    { flags: '-f, --follow', description: 'keep printing until the VM stops, or Ctrl-C' },
    {
      flags: '-a, --all',
      description: 'print the logs of all services and the entrypoint, in order of time',
    },
    {
      flags: '--since <time>',
      description: 'leave out what is older: 90s, 10m, 2h, 1d ago, or a time like 2026-01-31T09:30',
      parse: parseSince,
    },
    {
      flags: '-n, --tail <lines>',
      description: 'print only this many of the last lines',
      parse: parseLineCount,
    },
    { flags: '--timestamps', aliases: ['-t'], description: 'put the time before each line' },
    { flags: '--json', description: 'print each line of a service as JSON' },
  ],
  examples: [
    ['mvmctl logs', "the console of this project's VM"],
    ['mvmctl logs -f demo', 'the console of the VM demo, as it is written'],
    ['mvmctl logs redis --since 10m', "a service of this project's VM, the last ten minutes"],
    ['mvmctl logs demo --all -f', 'all services of the VM demo, as they write'],
  ],
  async run(context, { arguments: words, options }) {
    const { findVmAndService } = await import('../arguments/find-service.ts');
    const { vm, service } = await findVmAndService(context, words);
    if (service !== undefined || options.all === true) {
      const { requireRunning } = await import('../../vm/state/find.ts');
      const { printKeptLogs, printServiceLogs } = await import('../services/print-logs.ts');
      if (vm.status === 'stopped') {
        if (await printKeptLogs(context, vm, { ...options, service })) return 0;
        throw logsAreGone(vm, service);
      }
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
    const { followLog } = await import('../../vm/state/follow-log.ts');
    const { withGuestOutput } = await import('../services/guest-output.ts');
    if (vm.status === 'stopped') {
      const text = `${vm.name} is stopped. This is what its console showed last (${vm.paths.consoleLog}):`;
      context.emit({ type: 'note', level: 'info', text });
    }
    context.endProgress();
    const { follow = false, tail } = options;
    await withGuestOutput(context, (out) => followLog(vm, out, { follow, tail, signal: context.signal }));
    return 0;
  },
});

/** A guest that ended by itself took the logs of its services along; the host has its console. */
function logsAreGone({ name, record, paths }: Vm, service: string | undefined): MvmError {
  const whose = service === undefined ? 'its services' : `'${service}'`;
  return new MvmError('VM_NOT_RUNNING', `VM '${name}' is stopped, and the logs of ${whose} were not kept.`, {
    details: [
      'mvmctl keeps them when it stops a VM. A VM that powers off by itself or is ended by force loses them.',
      `What its console showed last: mvmctl logs ${name} (${paths.consoleLog})`,
    ],
    ...(record === undefined ? {} : { hint: startCommand(record) }),
  });
}
