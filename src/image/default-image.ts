import { findMirror } from '../debian/mirror.ts';
import { openIndex } from '../debian/packages.ts';
import { type Emit, phase } from '../events/events.ts';
import { version } from '../version.ts';
import { type Arch, debianArch } from './arch.ts';
import { fetchBusybox, fetchKernel, type Origin } from './debian-parts.ts';
import type { Image } from './load-image.ts';
import { makeDefaultImage } from './make-default-image.ts';

export interface AssembleOptions {
  arch: Arch;
  /** The guest agent for `arch`: its bytes, or the path of its file. */
  agent: string | Buffer;
  /** Becomes the image; replaced where it exists. */
  outDir: string;
  /** Of Debian downloads. */
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  /** The mirror that the user's configuration file names. */
  mirror?: string;
  /** For the guest's /etc/os-release; this mvm's unless given. */
  version?: string;
  emit: Emit;
  signal?: AbortSignal;
  /** Called with the packages that the image holds parts of. */
  onOrigins?: (origins: readonly Origin[]) => void;
}

/**
 * Assembles the default image from Debian's packages and the agent; what the cache has is not loaded again.
 * Throws MIRROR_UNKNOWN and what index, downloads, kernels and writes throw.
 */
export async function assembleDefaultImage(options: AssembleOptions): Promise<Image> {
  const { arch, agent, outDir, cacheDir, env, emit, signal } = options;
  const configured = options.mirror === undefined ? {} : { configured: options.mirror };
  const mirror = await findMirror({ env, ...configured });
  const index = await phase(emit, 'index', "Debian's package index", (running) =>
    openIndex({
      mirror,
      cacheDir,
      arch: debianArch[arch],
      emit,
      signal,
      onProgress: (bytes, total) => running.progress(bytes, total),
    }),
  );
  const source = { arch, index, emit, ...(signal === undefined ? {} : { signal }) };
  const { kernel, origin: kernelOrigin } = await fetchKernel(source);
  const { busybox, origin: busyboxOrigin } = await fetchBusybox(source);
  options.onOrigins?.([kernelOrigin, busyboxOrigin]);
  return phase(emit, 'image', `Default image for ${arch}`, () =>
    makeDefaultImage({ arch, agent, kernel, busybox, version: options.version ?? version, outDir }),
  );
}
