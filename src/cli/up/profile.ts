import { isFromFile, type Settings } from '../../config/settings.ts';
import { kinds } from '../../vm/state/kind.ts';
import type { VmKind } from '../../vm/state/record.ts';

/**
 * The settings as a kind of VM takes them: `profile = "dev"` in an mvm.toml, which is what a project with a dev image
 * has there, says nothing about `up`. On the command line and in the environment it does.
 */
export function profileFor(kind: VmKind, settings: Settings): Settings {
  const { profile, ...others } = settings;
  const isForDev = profile !== undefined && isFromFile(profile) && profile.value === kinds.dev.profile;
  return kind === 'up' && isForDev ? others : settings;
}
