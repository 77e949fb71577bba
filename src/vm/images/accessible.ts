import { MvmError } from '../../errors/mvm-error.ts';
import type { Image } from '../../image/load-image.ts';
import type { BootRecord } from '../state/record.ts';
import type { RunningVm } from '../state/vm.ts';

/** Said of every refusal: how the same project gets an image that lets people in. */
const way = 'An image is accessible if its entrypoint is a shell, or with `dev = true` in mkGuest.';

/**
 * Refuses what a sealed image has no code for, before asking the guest.
 * @param what as `console`
 * @throws MvmError SEALED
 */
export function requireAccessible(vm: Pick<RunningVm, 'name' | 'boot'>, what: string): void {
  const { sealed, imageName, image } = vm.boot;
  if (!sealed) return;
  throw new MvmError(
    'SEALED',
    `'${vm.name}' has no ${what}: its image ${imageName || image} is sealed (${reason(vm.boot)}).`,
    { details: [way], hint: 'mvmctl dev up   (builds and boots the dev output of the flake)' },
  );
}

/**
 * Refuses to make a dev VM from an image that is not accessible.
 * @throws MvmError SEALED
 */
export function requireDevImage({ spec }: Pick<Image, 'spec'>, profile: string): void {
  if (!spec.sealed) return;
  throw new MvmError(
    'SEALED',
    `'dev up' needs an accessible image, but ${spec.name} is sealed (${reason(spec)}).`,
    { details: [way], hint: `mvmctl up --profile ${profile}   (runs it as it is)` },
  );
}

function reason({ entrypointKind }: Pick<BootRecord, 'entrypointKind'>): string {
  return entrypointKind === 'shell'
    ? 'it says dev = false'
    : `its entrypoint is ${entrypointKind === 'services' ? '' : 'a '}${entrypointKind}, without dev = true`;
}
