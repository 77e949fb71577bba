import { vmArgument } from '../arguments/vm-argument.ts';
import { defineCommand } from '../program/command.ts';

export const open = defineCommand<object>({
  name: 'open',
  summary: 'open a port of a VM in the browser',
  description:
    "Open a port of a running VM in this host's browser ($BROWSER if that is set), and print its address. The port is forwarded if it is not yet. Without PORT, the only forwarded port is opened.",
  arguments: [vmArgument, { name: 'port', description: 'a port of the VM' }],
  examples: [
    ['mvmctl open', 'the only forwarded port'],
    ['mvmctl open demo 8080', 'port 8080 of a VM'],
  ],
  async run(context, { arguments: words }) {
    const { findRunningVm } = await import('../../vm/state/find.ts');
    const { vmAndPorts } = await import('../attach/forward-ports.ts');
    const { openPort } = await import('../attach/open-port.ts');
    const { name, ports } = vmAndPorts(words);
    const vm = await findRunningVm(context.paths, context.cwd, name);
    await openPort(context, vm, ports[0]);
    return 0;
  },
});
