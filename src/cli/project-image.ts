import { MvmError } from '../errors/mvm-error.ts';
import type { Image } from '../image/load-image.ts';
import { kinds } from '../vm/kind.ts';
import type { Surroundings } from '../vm/surroundings.ts';
import type { ImageRequest } from '../vm/up-request.ts';
import { profileFor } from './profile.ts';

/**
 * What gives `dev up` and `up` the image of the project's flake: the profile that is asked for, else `dev` or
 * `default`. A flake without that output gets the default image, and a line that says so; one without the output
 * that was asked for, or for another architecture than the host's, is an error.
 */
export function projectImage(
  context: Surroundings & { cwd: string },
): (request: ImageRequest) => Promise<Image | undefined> {
  return async ({ kind, project, settings: all, arch }) => {
    const settings = profileFor(kind, all);
    if (settings.flake === undefined) return undefined;
    const { buildProject } = await import('../builder/build-project.ts');
    const { ownArch } = await import('../vm/record.ts');
    const { profile } = kinds[kind];
    try {
      const { image } = await buildProject({ ...context, settings, base: project.dir, profile, arch });
      return image;
    } catch (error) {
      const asked = settings.profile !== undefined || arch !== ownArch();
      if (!(error instanceof MvmError) || error.code !== 'OUTPUT_MISSING' || asked) throw error;
      const { value, source } = all.profile ?? {};
      const instead =
        value === undefined
          ? ''
          : ` ${source} asks for ${value}, which is for dev up; to run it: mvmctl up --profile ${value}`;
      context.emit({
        type: 'note',
        level: 'warn',
        text: `${settings.flake.value} has no output packages.${arch}-linux.${profile}: the default image is used.${instead}`,
      });
      return undefined;
    }
  };
}
