import { defineCommand } from '../command.ts';
import { print, printJson } from '../context.ts';
import { bytes, duration } from '../render/format.ts';
import { table } from '../table.ts';

export const images = defineCommand<{ json: boolean }>({
  name: 'images',
  summary: 'list the images that were built',
  options: [{ flags: '--json', description: 'as JSON' }],
  examples: [
    ['mvmctl images', 'what is in the cache, and which project it is of'],
    ['mvmctl images --json', 'for a script'],
  ],
  async run(context, { options }) {
    const { listImages } = await import('../../image/store.ts');
    const { imagesDir } = await import('../../state/paths.ts');
    const found = (await listImages(imagesDir(context.paths))).map(
      ({ digest, dir, image, problem, addedAt, builds }) => ({
        digest,
        name: image?.spec.name ?? null,
        system: image?.spec.system ?? null,
        path: dir,
        bytes: Object.values(image?.spec.files ?? {}).reduce((sum, { size }) => sum + size, 0),
        addedAt: addedAt.toISOString(),
        project: builds[0]?.project ?? null,
        profile: builds[0]?.profile ?? null,
        problem: problem?.message ?? null,
      }),
    );
    if (options.json === true) {
      await printJson(context, found);
      return 0;
    }
    if (found.length === 0) {
      context.emit({ type: 'note', level: 'info', text: 'No image was built yet. Build one: mvmctl build' });
      return 0;
    }
    const rows = found.map((image) => [
      image.digest.slice(0, 12),
      image.problem === null ? (image.name ?? '-') : 'damaged',
      bytes(image.bytes),
      `${duration(Date.now() - Date.parse(image.addedAt))} ago`,
      image.project === null ? '-' : `${image.project} (${image.profile})`,
    ]);
    const columns = context.stdout.isTTY ? context.stdout.columns : undefined;
    await print(context, table(['image', 'name', 'size', 'added', 'project'], rows, columns));
    return 0;
  },
});
