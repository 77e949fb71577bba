import type { Settings } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import { kinds } from '../../vm/state/kind.ts';
import type { Surroundings } from '../../vm/surroundings.ts';
import type { ProjectBuild } from '../../vm/up/request.ts';
import { profileFor } from './profile.ts';

/**
 * What gives `dev up` and `up` the image of the project's flake: the profile that is asked for, else `dev` or
 * `default`. Without a `dev` output `dev up` gets the default image, and a line that says so; a flake without the output
 * that was asked for, without a `default` for `up`, or for another architecture than the host's, is an error.
 */
export function projectBuild(context: Surroundings & { cwd: string }): ProjectBuild {
  return {
    async image({ kind, project, settings: all, arch }) {
      const settings = profileFor(kind, all);
      if (settings.flake === undefined) return undefined;
      const { buildProject } = await import('../../builder/project/build.ts');
      const { ownArch } = await import('../../vm/state/record.ts');
      const { profile } = kinds[kind];
      try {
        return await buildProject({ ...context, settings, base: project.dir, profile, arch });
      } catch (error) {
        if (!(error instanceof MvmError) || error.code !== 'OUTPUT_MISSING') throw error;
        if (kind === 'up' && settings.profile === undefined) throw nothingToRun(error, all, arch);
        if (settings.profile !== undefined || arch !== ownArch()) throw error;
        context.emit({
          type: 'note',
          level: 'warn',
          text: `${settings.flake.value} has no output packages.${arch}-linux.${profile}; using the default image.`,
        });
        return undefined;
      }
    },
    async changes({ kind, project, settings: all, arch }, since, running) {
      const settings = profileFor(kind, all);
      if (settings.flake === undefined) return [];
      const { sourceChanges } = await import('../../builder/project/source-changes.ts');
      const { profile } = kinds[kind];
      return sourceChanges({ ...context, settings, base: project.dir, profile, arch }, since, running);
    },
  };
}

/** What to write, or whose name to give: `profile = "dev"` of an mvm.toml is for `dev up` only. */
function nothingToRun(error: MvmError, { profile }: Settings, arch: string): MvmError {
  const { code, message, details, log, cause } = error;
  const hint =
    profile?.value === kinds.dev.profile
      ? `mvmctl up --profile dev   (runs what 'dev up' builds)`
      : error.hint?.replace(/^mvmctl build/, 'mvmctl up');
  const write = `packages.${arch}-linux.default = mvm.lib.${arch}-linux.mkGuest { name = "app"; entrypoint.command = [ "/usr/bin/program" ]; };`;
  return new MvmError(code, message, {
    details: [...details, `'up' runs the output named default. To add one, write: ${write}`],
    ...(hint === undefined ? {} : { hint }),
    ...(log === undefined ? {} : { log }),
    cause: cause ?? error,
  });
}
