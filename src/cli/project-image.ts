import { MvmError } from '../errors/mvm-error.ts';
import type { Image } from '../image/load-image.ts';
import type { ImageRequest } from '../vm/dev-up.ts';
import type { Context } from './context.ts';

/**
 * What gives `dev up` the image of the project's flake: the profile that is asked for, else `dev`. A flake
 * without a `dev` output gets the default image, and a line that says so; one without the output that was
 * asked for, or for another architecture than the host's, is an error.
 */
export function projectImage(context: Context): (request: ImageRequest) => Promise<Image | undefined> {
  return async ({ project, settings, arch }) => {
    if (settings.flake === undefined) return undefined;
    const { buildProject } = await import('../builder/build-project.ts');
    const { ownArch } = await import('../vm/record.ts');
    try {
      const { image } = await buildProject({ ...context, settings, base: project.dir, profile: 'dev', arch });
      return image;
    } catch (error) {
      const asked = settings.profile !== undefined || arch !== ownArch();
      if (!(error instanceof MvmError) || error.code !== 'OUTPUT_MISSING' || asked) throw error;
      const text = `${settings.flake.value} has no output packages.${arch}-linux.dev: the default image is used.`;
      context.emit({ type: 'note', level: 'warn', text });
      return undefined;
    }
  };
}
