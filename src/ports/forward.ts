import * as v from 'valibot';

const port = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535));

/** Who asked for a forward: a flag of `up`, mvm.toml, the image, `mvmctl forward`, or what listens in the guest. */
const by = v.picklist(['flag', 'mvm.toml', 'image', 'forward', 'guest']);

export const forwardSchema = v.object({
  /** An address of the host, or `localhost`: both of its loopbacks. */
  address: v.string(),
  /** 0: any that is free. */
  hostPort: port,
  guestPort: port,
  protocol: v.picklist(['tcp', 'udp']),
  /** The other way round: the guest's port leads to the host's. */
  reverse: v.optional(v.boolean(), false),
  by,
  /** Where the host's port is taken, one of the next serves. */
  nearby: v.optional(v.boolean(), false),
});

/** A port of the host whose connections go to one of the guest. */
export type Forward = v.InferOutput<typeof forwardSchema>;

/** A forward that lives. */
export interface LiveForward extends Forward {
  /** It goes with the command that asked for it. */
  held: boolean;
}

/** The address where nobody names one. */
export const loopback = 'localhost';

/** What of a forward a text says. */
export type Place = Pick<Forward, 'address' | 'hostPort' | 'guestPort' | 'protocol' | 'reverse'>;

/** The port of the guest on the same number of the host's loopback or, where that is taken, a neighbour's. */
export function nearbyForward(guestPort: number, by: Forward['by']): Forward {
  const ports = { hostPort: guestPort, guestPort };
  return { address: loopback, ...ports, protocol: 'tcp', reverse: false, by, nearby: true };
}

/** As people write and read it: `8080:80`, `[::1]:8080:80`, `53:53/udp`. */
export function forwardText({ address, hostPort, guestPort, protocol }: Forward): string {
  const udp = protocol === 'udp' ? '/udp' : '';
  return `${address === loopback ? '' : `${hostText(address)}:`}${hostPort}:${guestPort}${udp}`;
}

/** The guest's port: `80`, `53/udp`. */
export const guestPortText = ({ guestPort, protocol }: Pick<Forward, 'guestPort' | 'protocol'>): string =>
  `${guestPort}${protocol === 'udp' ? '/udp' : ''}`;

/** Where it is reached: `localhost:8080`. */
export const reachedAt = ({ address, hostPort }: Forward): string => `${hostText(address)}:${hostPort}`;

function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** Whether a forward is meant by who names its port of the host, to which address it may be. */
export function isNamed(
  { hostPort, protocol, reverse }: Forward,
  by: Pick<Place, 'hostPort' | 'protocol' | 'reverse'>,
): boolean {
  return by.hostPort === hostPort && by.protocol === protocol && by.reverse === reverse;
}

/** The same place of the host; of the guest, where that is where somebody listens. */
export function isSamePlace(a: Forward, b: Forward): boolean {
  if (a.protocol !== b.protocol || a.reverse !== b.reverse) return false;
  if (a.reverse) return a.guestPort === b.guestPort;
  return a.address === b.address && a.hostPort === b.hostPort;
}
