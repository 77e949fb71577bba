import { join } from 'node:path';
import type { Image } from '../src/image/load-image.ts';
import type { RunningVm } from '../src/vm/state/vm.ts';
import { bootImage } from '../test/vm/image-vm.ts';
import { makeRootfsImage, type RootfsImageOptions } from '../test/vm/rootfs-image.ts';
import type { BenchHome } from './home.ts';

/** The name of the VMs that `inGuest` boots. */
export const guestName = 'image-vm';

/** An image with a root file of its own, as flakes make them, without Nix. */
export const guestImage = (
  { dir }: BenchHome,
  name: string,
  options: Omit<RootfsImageOptions, 'outDir'>,
): Promise<Image> => makeRootfsImage({ ...options, outDir: join(dir, name) });

/** Boots an image, measures, and ends the VM. */
export async function inGuest<T>(
  home: BenchHome,
  image: Image,
  measure: (vm: RunningVm) => T | Promise<T>,
): Promise<T> {
  const vm = await bootImage({ env: home.env, project: home.dir }, image);
  try {
    return await measure(vm);
  } finally {
    home.output(['stop', '--force', guestName]);
  }
}
