import { type Context, print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  dryRun: boolean;
  json: boolean;
}

export const prune = defineCommand<Options>({
  name: 'prune',
  summary: 'free disk space that nothing needs',
  description:
    'Remove images that no running VM and no project needs, downloads that have been unpacked, logs, and leftovers of killed commands: everything that mvmctl can make or fetch again. It does not ask for confirmation, and never touches a VM or its disk. Sizes are those on disk.',
  options: [
    { flags: '--dry-run', description: 'only show what would be removed' },
    { flags: '--json', description: 'print as JSON' },
  ],
  examples: [
    ['mvmctl prune --dry-run', 'what would go, and what is large and stays'],
    ['mvmctl prune', 'remove it'],
  ],
  async run(context, { options: { dryRun = false, json = false } }) {
    const lock = dryRun ? undefined : await onlyOne(context);
    try {
      return await clear(context, { dryRun, json });
    } finally {
      await lock?.release();
    }
  },
});

/** Two at once would both tell of the same bytes. */
async function onlyOne({ paths, signal, emit }: Context) {
  const { existsSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { acquireLock } = await import('../../state/lock.ts');
  if (!existsSync(paths.cache)) return undefined;
  return acquireLock(join(paths.cache, 'prune.lock'), {
    what: 'the cache',
    waitMs: 600_000,
    signal,
    onWait: (pid) =>
      emit({
        type: 'note',
        level: 'info',
        text: `Another mvmctl (process ${pid}) is already pruning; waiting …`,
      }),
    orWithout: () => {},
  });
}

async function clear(context: Context, { dryRun, json }: Options): Promise<number> {
  const { findUnneeded } = await import('../../space/unneeded.ts');
  const { findKept } = await import('../../space/kept.ts');
  const { removalError, removeUnneeded } = await import('../../space/remove.ts');
  const { keptTable, unneededTable } = await import('../render/space-table.ts');
  const { bytes } = await import('../render/format.ts');
  const found = await findUnneeded(context.paths);
  const { removed, failures } = dryRun
    ? { removed: found, failures: [] }
    : await removeUnneeded(found, context.signal);
  const kept = await findKept(context.paths, new Set(found.map(({ path }) => path)));
  const total = removed.reduce((sum, item) => sum + item.bytes, 0);
  if (json) {
    const rows = removed.map((item) => ({
      kind: item.kind,
      path: item.path,
      bytes: item.bytes,
      why: item.why,
    }));
    await printJson(context, { dryRun, bytes: total, removed: rows, kept });
  } else {
    const tables = [unneededTable(removed, context.stdout), keptTable(kept, context.stdout)];
    const text = tables.filter((one) => one !== undefined).join('\n\n');
    if (text !== '') await print(context, text);
  }
  const text =
    removed.length === 0
      ? 'There is nothing to remove.'
      : dryRun
        ? `${bytes(total)} would be freed.`
        : `${bytes(total)} freed.`;
  const error = removalError(failures);
  if (error === undefined || removed.length > 0) context.emit({ type: 'note', level: 'info', text });
  if (error !== undefined) throw error;
  return 0;
}
