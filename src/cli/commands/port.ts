import { setTimeout as delay } from 'node:timers/promises';
import type { RunningVm } from '../../vm/state/vm.ts';
import { vmArgument } from '../arguments/vm-argument.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

const reasons = {
  flag: 'flag --port',
  'mvm.toml': 'mvm.toml',
  image: 'declared by the image',
  forward: 'mvmctl forward',
  guest: 'listens in the VM',
} as const;

/** A guest that does not answer is not waited for longer, in milliseconds. */
const lookMs = 3000;

/** What listens may not have been seen yet, where nobody is attached. */
async function look(vm: RunningVm, signal: AbortSignal): Promise<void> {
  const { ensureCompanion } = await import('../../companion/start.ts');
  const companion = await ensureCompanion(vm, signal);
  const late = delay(lookMs, undefined, { ref: false });
  await Promise.race([companion.ask({ ask: 'follow' }), late]).finally(companion.close);
}

export const port = defineCommand<{ json: boolean }>({
  name: 'port',
  aliases: ['ports'],
  summary: 'show the ports of this host that are forwarded to a VM',
  description: 'Show the ports of this host that are forwarded to a VM, and who asked for each.',
  arguments: [vmArgument],
  options: [{ flags: '--json', description: 'print as JSON' }],
  examples: [
    ['mvmctl port', "this project's VM"],
    ['mvmctl port demo --json', 'for a script'],
  ],
  async run(context, { arguments: [name], options }) {
    const { asRunning, findVm } = await import('../../vm/state/find.ts');
    const { isRunning } = await import('../../vm/state/vm.ts');
    const { readKept } = await import('../../companion/kept.ts');
    const { readWork } = await import('../../companion/work.ts');
    const { guestPortText, reachedAt } = await import('../../ports/forward.ts');
    const found = await findVm(context.paths, context.cwd, name);
    const kept = isRunning(found) ? [] : await readKept(found.paths.forwards);
    // What a stopped VM's next start will forward is there to be seen and removed; a stopped VM without is an error.
    const vm = kept.length === 0 ? await asRunning(found, context.cwd) : undefined;
    if (vm?.boot.follow) await look(vm, context.signal);
    const forwards = vm === undefined ? kept : (await readWork(vm.boot.runtimeDir)).forwards;
    if (options.json === true) {
      await printJson(context, forwards);
      return 0;
    }
    if (forwards.length === 0) {
      const text = `No port is forwarded to ${found.name}. To forward one: mvmctl forward 8080:80`;
      context.emit({ type: 'note', level: 'info', text });
      return 0;
    }
    if (vm === undefined) {
      const text = `${found.name} is stopped. Its next start forwards these:`;
      context.emit({ type: 'note', level: 'info', text });
    }
    const { table, terminalColumns } = await import('../render/table.ts');
    const rows = forwards.map((one) => [
      reachedAt(one),
      guestPortText(one),
      `${reasons[one.by]}${one.reverse ? ', from the VM to this host' : ''}`,
    ]);
    await print(context, table(['host', 'guest', 'by'], rows, terminalColumns(context.stdout), []));
    return 0;
  },
});
