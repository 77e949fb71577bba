import { MvmError } from '../../errors/mvm-error.ts';
import { imageDigest } from '../arguments/complete-values.ts';
import { type Context, print, printJson } from '../context.ts';
import { defineCommand } from '../program/command.ts';

interface Options {
  unused: boolean;
  dryRun: boolean;
  json: boolean;
}

export const rmi = defineCommand<Options>({
  name: 'rmi',
  summary: 'remove built images from the cache',
  description:
    'Remove a built image or, with --unused, all unused images: those that no running VM uses and that are not the latest build of a project that still exists.',
  arguments: [
    {
      name: 'image',
      description: 'the start of its digest (see mvmctl images)',
      complete: imageDigest,
    },
  ],
  options: [
    { flags: '--unused', description: 'remove all unused images' },
    { flags: '--dry-run', description: 'with --unused: only show what would be removed' },
    { flags: '--json', description: 'with --unused: print them as JSON' },
  ],
  examples: [
    ['mvmctl rmi 3f2a91c04d11', 'remove that image'],
    ['mvmctl rmi 3f', 'remove it by the start of its digest, if no other image begins like that'],
    ['mvmctl rmi --unused --dry-run', 'see how much space old builds take'],
    ['mvmctl rmi --unused', 'remove old builds'],
  ],
  async run(context, { arguments: [asked], options }) {
    const { unused = false, dryRun = false, json = false } = options;
    if (unused && asked === undefined) return removeUnused(context, { dryRun, json });
    if (unused || dryRun || json) {
      throw new MvmError('USAGE', 'Name one image, or use --unused; --dry-run and --json need --unused.', {
        hint: 'mvmctl rmi --unused --dry-run',
      });
    }
    if (asked === undefined) {
      throw new MvmError('USAGE', 'No image was named.', {
        hint: 'mvmctl images   (or mvmctl rmi --unused)',
      });
    }
    return removeOne(context, asked);
  },
});

async function removeOne(context: Context, asked: string): Promise<number> {
  const { imageByDigest } = await import('../arguments/find-image.ts');
  const { removeImage } = await import('../../image/store/store.ts');
  const { imagesDir } = await import('../../state/paths.ts');
  const { listVms } = await import('../../vm/state/list.ts');
  const image = imageByDigest(context, asked);
  const user = (await listVms(context.paths)).find(
    (vm) => vm.vmm !== undefined && vm.boot?.image === image.dir,
  );
  if (user !== undefined) {
    throw new MvmError('VM_RUNNING', `VM '${user.name}' is running from this image.`, {
      hint: `mvmctl stop ${user.name}`,
    });
  }
  await removeImage(imagesDir(context.paths), image.digest);
  context.emit({ type: 'note', level: 'info', text: `Image ${image.digest.slice(0, 12)} has been removed.` });
  return 0;
}

async function removeUnused(
  context: Context,
  { dryRun, json }: { dryRun: boolean; json: boolean },
): Promise<number> {
  const { unusedImages } = await import('../../vm/images/unused.ts');
  const { removeImage } = await import('../../image/store/store.ts');
  const { imagesDir } = await import('../../state/paths.ts');
  const { imageRow, imageTable } = await import('../render/image-table.ts');
  const { bytes } = await import('../render/format.ts');
  const found = (await unusedImages(context.paths)).map(({ listed, why }) => ({ ...imageRow(listed), why }));
  if (json) await printJson(context, found);
  else if (found.length > 0) await print(context, imageTable(found, context.stdout, 'why'));
  if (!dryRun) for (const { digest } of found) await removeImage(imagesDir(context.paths), digest);
  const total = bytes(found.reduce((sum, image) => sum + image.bytes, 0));
  const count = found.length === 1 ? '1 image' : `${found.length} images`;
  const text =
    found.length === 0
      ? 'No image is unused.'
      : dryRun
        ? `${count} (${total}) would be removed.`
        : `${count} (${total}) removed.`;
  context.emit({ type: 'note', level: 'info', text });
  return 0;
}
