import type { Settings } from '../../config/settings.ts';
import { MvmError } from '../../errors/mvm-error.ts';
import type { ImageJson } from '../../image/image-json.ts';
import { type Forward, forwardText, isSamePlace, nearbyForward, type Place } from '../../ports/forward.ts';
import type { VmKind } from '../state/record.ts';

/** What a start is to forward. */
export interface WantedForwards {
  /** As flags and mvm.toml say. */
  forwards: Forward[];
  /** The ports that the image declares, too. */
  declared: boolean;
  /** Whatever is listened on in the guest, too, as it comes and goes. */
  follow: boolean;
}

/** Flags count beside mvm.toml; one of the same place of the host, in its stead. */
export function wantedForwards(kind: VmKind, flags: readonly Place[], settings: Settings): WantedForwards {
  const asked = flags.map((place): Forward => ({ ...place, by: 'flag', nearby: false }));
  const ofFile = (settings.ports ?? []).map(
    ({ value }): Forward => ({ ...value, by: 'mvm.toml', nearby: false }),
  );
  const others = ofFile.filter((forward) => !asked.some((one) => isSamePlace(one, forward)));
  return {
    forwards: [...asked, ...others],
    declared: kind === 'dev' && settings.devForward?.value !== 'none',
    follow: kind === 'dev' && (settings.devForward?.value ?? 'all') === 'all',
  };
}

type Declaring = Pick<ImageJson, 'name' | 'ports' | 'services'>;

/** The ports on which an image says that something listens, each once. */
export function declaredPorts({ ports, services }: Pick<Declaring, 'ports' | 'services'>): number[] {
  const ofServices = Object.values(services).map(({ port }) => port);
  const numbers = ofServices.filter((port): port is number => typeof port === 'number' && port > 0);
  return [...new Set([...ports, ...numbers])];
}

/** Those that nobody forwards otherwise, on the same number or, where that is taken, a neighbour's. */
export function declaredForwards(image: Declaring, wanted: readonly Forward[]): Forward[] {
  return declaredPorts(image)
    .filter((port) => !wanted.some((one) => one.guestPort === port && one.protocol === 'tcp'))
    .map((port) => nearbyForward(port, 'image'));
}

/** A sealed image lets nobody in but where it says so. Throws PORT_REFUSED. */
export function refuseUndeclared(
  vm: string,
  image: Declaring,
  { forwards }: Pick<WantedForwards, 'forwards'>,
): void {
  const hosts = forwards.find(({ reverse }) => reverse);
  if (hosts !== undefined)
    throw new MvmError(
      'PORT_REFUSED',
      `'${vm}' is sealed: it can't see port ${hosts.hostPort} of this host, or any other.`,
      { hint: 'mvmctl dev up   (a dev VM can)' },
    );
  const declared = declaredPorts(image);
  const refused = forwards.find(({ guestPort }) => !declared.includes(guestPort));
  if (refused === undefined) return;
  const offers = declared.length === 0 ? 'it declares none' : `it declares ${declared.join(', ')}`;
  throw new MvmError(
    'PORT_REFUSED',
    `${forwardText(refused)}: '${vm}' is sealed, and its image '${image.name}' does not declare port ${refused.guestPort} (${offers}).`,
    { hint: `ports = [ ${refused.guestPort} ];   (an argument of mkGuest in flake.nix)` },
  );
}
