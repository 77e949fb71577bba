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
  protocol: v.picklist(['tcp']),
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

/** As people write and read it: `8080:80`, `[::1]:8080:80`. */
export function forwardText({ address, hostPort, guestPort }: Forward): string {
  return `${address === loopback ? '' : `${hostText(address)}:`}${hostPort}:${guestPort}`;
}

/** Where it is reached: `localhost:8080`. */
export const reachedAt = ({ address, hostPort }: Forward): string => `${hostText(address)}:${hostPort}`;

function hostText(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** The same place of the host. */
export function isSamePlace(a: Forward, b: Forward): boolean {
  return a.address === b.address && a.hostPort === b.hostPort && a.protocol === b.protocol;
}
