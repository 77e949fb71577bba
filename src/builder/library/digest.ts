import { join } from 'node:path';
import type { Image } from '../../image/load-image.ts';
import type { Paths } from '../../state/paths.ts';
import { guestAgent } from '../../vm/images/agent.ts';
import type { Architecture } from '../../vm/state/record.ts';
import type { Surroundings } from '../../vm/surroundings.ts';

/** Name and revision of what is prepared here, for the folder in the cache. */
export const revision = 1;

/** What a package set made of Debian's packages has of this host: its mirror, and a busybox. */
export function packageSetDir(paths: Paths): string {
  return join(paths.cache, `nixpkgs-debian-${revision}`);
}

/** Set by the bundler: a digest of the library's own files. */
declare const MVM_LIBRARY_SOURCES: string | undefined;

/**
 * Names what a build gets from the tool (library, package set, agents, kernel) without preparing any of it.
 * The kernel counts as the default image's: one that Debian renews comes with the next build, and causes none.
 * @param base the default image, whose agent it is
 */
export async function libraryDigest(arch: Architecture, base: Image, options: Surroundings): Promise<string> {
  const sources = typeof MVM_LIBRARY_SOURCES === 'string' ? MVM_LIBRARY_SOURCES : 'source';
  const { kernel, initrd } = base.spec.files;
  const sealed = await guestAgent(arch, 'init-sealed', options);
  return [revision, sources, kernel.sha256, initrd.sha256, sealed.sha256].join(' ');
}
