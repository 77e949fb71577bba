import { MvmError } from '../../errors/mvm-error.ts';
import { defineCommand } from '../command.ts';
import { imageDigest } from '../complete-values.ts';

export const rmi = defineCommand<object>({
  name: 'rmi',
  summary: 'remove a built image from the cache',
  arguments: [
    {
      name: 'image',
      description: 'the beginning of its digest, as images shows it',
      required: true,
      complete: imageDigest,
    },
  ],
  examples: [
    ['mvmctl rmi 3f2a91c04d11', 'remove that image'],
    ['mvmctl rmi 3f', 'its beginning is enough where only one image has it'],
  ],
  async run(context, { arguments: [asked = ''] }) {
    const { imageByDigest } = await import('../find-image.ts');
    const { removeImage } = await import('../../image/store.ts');
    const { imagesDir } = await import('../../state/paths.ts');
    const { listVms } = await import('../../vm/list.ts');
    const image = imageByDigest(context, asked);
    const user = (await listVms(context.paths)).find(
      (vm) => vm.vmm !== undefined && vm.boot?.image === image.dir,
    );
    if (user !== undefined) {
      throw new MvmError('VM_RUNNING', `VM '${user.name}' runs from this image.`, {
        hint: `mvmctl stop ${user.name}`,
      });
    }
    await removeImage(imagesDir(context.paths), image.digest);
    context.emit({ type: 'note', level: 'info', text: `Image ${image.digest.slice(0, 12)} is removed.` });
    return 0;
  },
});
