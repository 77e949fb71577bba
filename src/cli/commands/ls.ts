import type { Forward } from '../../ports/forward.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';
import { describeVm } from '../render/describe-vm.ts';
import { duration, memory } from '../render/format.ts';
import { table, terminalColumns } from '../render/table.ts';

/** The builder belongs to no project. */
const builderFacts = { kind: 'builder', project: null } as const;

/** `8080:80`, and one number where both are the same. */
const portsInWords = ({ hostPort, guestPort, protocol }: Forward): string =>
  `${hostPort === guestPort ? hostPort : `${hostPort}:${guestPort}`}${protocol === 'udp' ? '/udp' : ''}`;

export const ls = defineCommand<{ json: boolean }>({
  name: 'ls',
  aliases: ['list', 'status'],
  summary: 'list the VMs',
  description: "List this user's VMs, and the builder if there is one.",
  options: [{ flags: '--json', description: 'print as JSON' }],
  examples: [
    ['mvmctl ls', 'list all VMs and their status'],
    ['mvmctl ls --json', 'print the same for a script'],
  ],
  async run(context, { options }) {
    const { listVms } = await import('../../vm/state/list.ts');
    const { isLeftover } = await import('../../vm/state/vm.ts');
    const { loadBuilder } = await import('../../builder/machine/paths.ts');
    const { conditionOf } = await import('../../vm/condition/condition.ts');
    const builder = await loadBuilder(context.paths);
    let own = await listVms(context.paths);
    if (own.some(isLeftover)) {
      const { removeLeftovers } = await import('../../vm/leftovers.ts');
      await removeLeftovers(context.paths, context);
      own = await listVms(context.paths);
    }
    const found = [...own, ...(builder === undefined ? [] : [builder])];
    for (const vm of found) {
      if (vm.boot === undefined || vm.vmm === undefined) continue;
      const { reviveCompanion } = await import('../../companion/start.ts');
      await reviveCompanion({ ...vm, boot: vm.boot });
    }
    const conditions = await Promise.all(found.map((vm) => conditionOf(vm, context.signal)));
    const vms = found.map((vm, i) => ({
      ...describeVm(vm, conditions[i]),
      ...(vm === builder ? builderFacts : {}),
    }));
    if (options.json === true) {
      await printJson(context, vms);
      return 0;
    }
    const rows = vms.map((vm, i) => [
      vm.name,
      vm.kind ?? '-',
      vm.status,
      vm.image ?? '-',
      vm.arch ?? '-',
      vm.vcpus === null ? '-' : String(vm.vcpus),
      vm.memoryMib === null ? '-' : memory(vm.memoryMib),
      vm.startedAt === null ? '-' : duration(Date.now() - Date.parse(vm.startedAt)),
      found[i]?.forwards
        .filter(({ reverse }) => !reverse)
        .map(portsInWords)
        .join(', ') || '-',
      vm.project ?? '-',
    ]);
    await print(
      context,
      table(
        ['name', 'kind', 'status', 'image', 'arch', 'vcpus', 'memory', 'up', 'ports', 'project'],
        rows,
        terminalColumns(context.stdout),
        ['arch', 'vcpus', 'image', 'memory', 'kind', 'ports', 'project', 'up'],
      ),
    );
    if (vms.length === 0) {
      const text = 'There are no VMs. Start one: mvmctl dev up, or mvmctl up';
      context.emit({ type: 'note', level: 'info', text });
    }
    for (const { problem } of found) {
      if (problem === undefined) continue;
      const text = [problem.message, ...problem.details, ...(problem.hint ? [`→ ${problem.hint}`] : [])].join(
        ' ',
      );
      context.emit({ type: 'note', level: 'warn', text });
    }
    for (const [i, { name }] of vms.entries()) {
      const { reason, hint, since } = conditions[i] ?? {};
      if (reason === undefined || since === undefined) continue;
      const text = `${name} ${reason} (for ${duration(Date.now() - since.getTime())}). ${hint ?? ''}`;
      context.emit({ type: 'note', level: 'warn', text });
    }
    return 0;
  },
});
