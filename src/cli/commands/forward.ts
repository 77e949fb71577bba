import { vmArgument } from '../arguments/vm-argument.ts';
import { printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  detach: boolean;
  remove: boolean;
  reverse: boolean;
  json: boolean;
}

export const forward = defineCommand<Options>({
  name: 'forward',
  aliases: ['port-forward'],
  summary: 'forward ports of this host to a VM',
  description:
    "Forward ports of this host to ports of a running VM, until Ctrl-C or until the VM stops. HOST is on this host's loopback unless you give an address; 0 is any free port; one number alone is used on both sides; append /udp for UDP. Programs that listen only on the VM's loopback are reached, too. With --detach the forwards belong to the VM: they end when it stops, and come back when it starts.",
  arguments: [
    vmArgument,
    { name: 'ports', description: '[ADDR:]HOST:GUEST[/udp], for example 8080:80', variadic: true },
  ],
  options: [
    { flags: '-d, --detach', description: 'return at once; they stay until --remove' },
    {
      flags: '--reverse',
      description: "the other way round: port HOST of this host's loopback appears on the VM's, as GUEST",
    },
    { flags: '--remove', description: 'end the forwards of these ports of this host' },
    { flags: '--json', description: 'with --detach or --remove: print them as JSON' },
  ],
  examples: [
    ['mvmctl forward 8080:80', "http://localhost:8080 is port 80 of this project's VM"],
    [
      'mvmctl forward demo 5432 0.0.0.0:8080:80',
      'two ports, one of them for everyone who can reach this host',
    ],
    ['mvmctl forward -d 8080:80', 'in the background'],
    ['mvmctl forward --remove 8080', 'end it'],
    ['mvmctl forward --reverse 5432', 'localhost:5432 in the VM is port 5432 of this host'],
  ],
  async run(context, { arguments: words, options }) {
    const { forwardPorts, removeForwards, vmAndPorts } = await import('../attach/forward-ports.ts');
    const { findRunningVm, findVm } = await import('../../vm/state/find.ts');
    const { name, ports } = vmAndPorts(words);
    const reverse = options.reverse === true;
    const where = [context.paths, context.cwd, name] as const;
    const forwards =
      options.remove === true
        ? await removeForwards(context, await findVm(...where), ports, reverse)
        : await forwardPorts(context, await findRunningVm(...where), ports, {
            detach: options.detach === true,
            reverse,
          });
    if (options.json === true) await printJson(context, forwards);
    return 0;
  },
});
