import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Set by the bundler. */
declare const MVM_IMAGE_SOURCES: string | undefined;

/** The package or checkout that this program runs from: bundled, in `dist/`; else, in tests, this very file. */
export const home = join(import.meta.dirname, typeof MVM_IMAGE_SOURCES === 'string' ? '..' : '../../..');

/** A checkout makes its own agents and images: what packing left there is not what its sources say now. */
export function isCheckout(): Promise<boolean> {
  return exists(join(home, 'src'));
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
