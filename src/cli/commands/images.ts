import { print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

export const images = defineCommand<{ json: boolean }>({
  name: 'images',
  summary: 'list built images',
  options: [{ flags: '--json', description: 'print as JSON' }],
  examples: [
    ['mvmctl images', 'see what is in the cache, and which project each image belongs to'],
    ['mvmctl images --json', 'print the same for a script'],
  ],
  async run(context, { options }) {
    const { listImages } = await import('../../image/store/store.ts');
    const { imagesDir } = await import('../../state/paths.ts');
    const { imageRow, imageTable } = await import('../render/image-table.ts');
    const found = (await listImages(imagesDir(context.paths))).map(imageRow);
    if (options.json === true) {
      await printJson(context, found);
      return 0;
    }
    await print(context, imageTable(found, context.stdout));
    if (found.length === 0)
      context.emit({
        type: 'note',
        level: 'info',
        text: 'No image has been built yet. Build one: mvmctl build',
      });
    return 0;
  },
});
