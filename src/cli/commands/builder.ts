import { vcpusInWords } from '../../config/amount.ts';
import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';
import { facts } from '../render/facts.ts';
import { bytes, duration, memory } from '../render/format.ts';
import { terminalColumns } from '../render/table.ts';

const force = { flags: '--force', aliases: ['-f'], description: 'interrupt a build that is running' };

export const builderStatus = defineCommand<{ json: boolean }>({
  name: 'builder status',
  summary: 'show the VM that builds images',
  options: [{ flags: '--json', description: 'print as JSON' }],
  examples: [
    ['mvmctl builder status', 'see whether it runs, what it builds, and how big its store is'],
    ['mvmctl builder status --json', 'print the same for a script'],
  ],
  async run(context, { options }) {
    const { builderStatus: read } = await import('../../builder/machine/status.ts');
    const found = await read(context.paths);
    if (options.json === true) {
      await printJson(context, found);
      return 0;
    }
    const up = found.startedAt === null ? '' : ` for ${duration(Date.now() - Date.parse(found.startedAt))}`;
    const rows: [string, string][] = [
      ['status', found.problem === null ? `${found.status}${up}` : `${found.status}: ${found.problem}`],
    ];
    if (found.vcpus !== null && found.memoryMib !== null) {
      rows.push([
        'machine',
        `${vcpusInWords(found.vcpus)}, ${memory(found.memoryMib)}, process ${found.pid}`,
      ]);
    }
    if (found.job !== null) rows.push(['builds', `${found.job.what} (process ${found.job.pid})`]);
    if (found.store !== null) rows.push(['store', `${found.store.path} (${bytes(found.store.bytes)} used)`]);
    rows.push(['console log', found.consoleLog]);
    await print(context, facts(rows, { columns: terminalColumns(context.stdout) }));
    return 0;
  },
});

export const builderStop = defineCommand<{ force: boolean }>({
  name: 'builder stop',
  summary: 'stop the builder, but keep its store',
  description:
    'Stop the VM that builds images, but keep its store. The builder also stops on its own after ten idle minutes.',
  options: [force],
  examples: [
    ['mvmctl builder stop', 'free its memory now'],
    ['mvmctl builder stop --force', 'interrupt a running build'],
  ],
  async run(context, { options }) {
    const { stopBuilder } = await import('../../builder/machine/status.ts');
    const stopped = await stopBuilder({ ...context, force: options.force === true });
    if (!stopped) context.emit({ type: 'note', level: 'info', text: 'The builder was not running.' });
    return 0;
  },
});

export const builderReset = defineCommand<{ force: boolean }>({
  name: 'builder reset',
  summary: 'remove the builder and its store',
  description:
    'Remove the VM that builds images, and its store. The next build fetches and builds what it needs again.',
  options: [force],
  examples: [
    ['mvmctl builder reset', 'free its disk space, or start over'],
    ['mvmctl builder reset --force', 'even while it builds'],
  ],
  async run(context, { options }) {
    const { resetBuilder } = await import('../../builder/machine/status.ts');
    await resetBuilder({ ...context, force: options.force === true });
    context.emit({ type: 'note', level: 'info', text: 'The builder and its store have been removed.' });
    return 0;
  },
});
