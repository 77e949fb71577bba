import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MvmError, systemCode } from '../../errors/mvm-error.ts';
import { storedName } from '../../image/store/layout.ts';
import { loadSealed } from '../../image/store/seal.ts';
import { imagesDir, type Paths } from '../../state/paths.ts';
import { ownArch } from '../state/record.ts';
import { bundledImage } from './default-image.ts';

/** Reads every image that a VM could boot; returns what is wrong with the damaged ones, with their paths. */
export async function checkImages(paths: Paths): Promise<{ count: number; damaged: string[] }> {
  const damaged: string[] = [];
  const found = await imageFolders(paths);
  for (const { dir, digest } of found) {
    try {
      await loadSealed(dir, digest, true);
    } catch (error) {
      if (!(error instanceof MvmError)) throw error;
      damaged.push(error.message);
    }
  }
  return { count: found.length, damaged };
}

async function imageFolders(paths: Paths): Promise<{ dir: string; digest: string | undefined }[]> {
  const store = imagesDir(paths);
  const names = await readdir(store).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    return [];
  });
  const cached = names
    .filter((name) => storedName.test(name) || /^(default|builder)-\w+-[0-9a-f]+$/.test(name))
    .map((name) => ({ dir: join(store, name), digest: storedName.exec(name)?.[1] }));
  const bundled = await bundledImage(ownArch());
  return bundled === undefined ? cached : [...cached, { dir: bundled, digest: undefined }];
}
