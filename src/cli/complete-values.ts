import { storedDigests } from '../image/store-layout.ts';
import { findPaths, imagesDir } from '../state/paths.ts';
import { vmNames } from '../vm/names.ts';
import type { CompletionContext } from './command.ts';

/** Names of VMs, for shell completion. */
export function vmName({ env }: CompletionContext): string[] {
  return vmNames(findPaths(env));
}

/** As many digits of an image's digest as `images` shows. */
const shown = 12;

/** Digests of the images that were built. */
export function imageDigest({ env }: CompletionContext): string[] {
  return storedDigests(imagesDir(findPaths(env))).map((digest) => digest.slice(0, shown));
}

/** What can name an image, beside a folder. */
export function imageOrVm(context: CompletionContext): string[] {
  return [...vmName(context), ...imageDigest(context)];
}
