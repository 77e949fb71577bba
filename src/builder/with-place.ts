import { hostBuildsDir } from '../state/paths.ts';
import type { BootOptions } from '../vm/boot.ts';
import type { BuilderKind } from './builder-kind.ts';
import { ensureBuilder } from './lifecycle.ts';
import type { NixPlace } from './nix-place.ts';
import { takeTurn } from './queue.ts';
import { vmPlace } from './vm-place.ts';

/**
 * Runs `work` where Nix is: in the builder VM, made ready and free of other builds, or on the host.
 * @param what is built, in words, for those who wait
 */
export async function withPlace<T>(
  kind: BuilderKind,
  what: string,
  options: BootOptions,
  work: (place: NixPlace) => Promise<T>,
): Promise<T> {
  const { paths, env, emit, signal } = options;
  if (kind === 'vm') {
    return takeTurn({ paths, emit, signal, what }, async () =>
      work(vmPlace(await ensureBuilder(options), options)),
    );
  }
  const { hostPlace } = await import('./host-place.ts');
  const place = await hostPlace({ env, dir: hostBuildsDir(paths), signal });
  try {
    return await work(place);
  } finally {
    await place.dispose();
  }
}
