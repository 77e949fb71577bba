import { MvmError } from '../../errors/mvm-error.ts';
import { defineCommand } from '../command.ts';

export const rmi = defineCommand<object>({
  name: 'rmi',
  summary: 'remove a built image from the cache',
  arguments: [
    { name: 'image', description: 'the beginning of its digest, as images shows it', required: true },
  ],
  examples: [
    ['mvmctl rmi 3f2a91c04d11', 'remove that image'],
    ['mvmctl rmi 3f', 'its beginning is enough where only one image has it'],
  ],
  async run(context, { arguments: [asked = ''] }) {
    const { listImages, removeImage } = await import('../../image/store.ts');
    const { imagesDir } = await import('../../state/paths.ts');
    const { listVms } = await import('../../vm/list.ts');
    const store = imagesDir(context.paths);
    const found = (await listImages(store)).filter(({ digest }) => digest.startsWith(asked));
    const [image, other] = found;
    if (image === undefined || other !== undefined) {
      const what = image === undefined ? 'No image begins' : `${found.length} images begin`;
      throw new MvmError('USAGE', `${what} with '${asked}'.`, { hint: 'mvmctl images' });
    }
    const user = (await listVms(context.paths)).find(
      (vm) => vm.vmm !== undefined && vm.boot?.image === image.dir,
    );
    if (user !== undefined) {
      throw new MvmError('VM_RUNNING', `VM '${user.name}' runs from this image.`, {
        hint: `mvmctl stop ${user.name}`,
      });
    }
    await removeImage(store, image.digest);
    context.emit({ type: 'note', level: 'info', text: `Image ${image.digest.slice(0, 12)} is removed.` });
    return 0;
  },
});
