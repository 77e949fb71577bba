import { MvmError } from '../errors/mvm-error.ts';
import { loopback, type Place } from './forward.ts';

const form = '[ADDR:]HOST:GUEST[/udp], or one number for both sides';
const hint = 'for example: 8080:80, or 0:80 for any port of this host that is free';

/**
 * Reads `[ADDR:]HOST:GUEST` or `GUEST`, and `/udp` behind it. HOST 0 is any port that is free; an IPv6 address is in brackets. Throws USAGE.
 */
export function parseForward(text: string): Place {
  const match = /^(?:(?:\[([^\]]*)\]|([^:[\]]*)):)?(\d+):(\d+)$|^(\d+)$/.exec(
    text.replace(/\/(tcp|udp)$/, ''),
  );
  if (match === null) throw new MvmError('USAGE', `'${text}' is no forward: ${form}.`, { hint });
  const [, ipv6, other, host, guest, same] = match;
  return {
    address: parseAddress(ipv6 ?? other, text),
    hostPort: parsePort(host ?? same, text, 0),
    guestPort: parsePort(guest ?? same, text, 1),
    protocol: text.endsWith('/udp') ? 'udp' : 'tcp',
    reverse: false,
  };
}

/** Reads `HOST:GUEST` or `HOST`, of a port of this host's loopback that the guest is to see on its own. Throws USAGE. */
export function parseReverse(text: string): Place {
  const place = parseForward(text);
  if (place.address !== loopback || place.protocol === 'udp' || place.hostPort === 0)
    throw new MvmError(
      'USAGE',
      `'${text}': what the VM sees is a TCP port of this host's loopback: HOST:GUEST, or one number for both sides.`,
      { hint: 'for example: 5432, or 5432:15432' },
    );
  return { ...place, reverse: true };
}

function parseAddress(address: string | undefined, text: string): string {
  if (address === undefined || address === loopback) return loopback;
  if (isAddress(address)) return address;
  throw new MvmError('USAGE', `'${text}': '${address}' is no IP address.`, {
    hint: 'an address of this host; 0.0.0.0 for all of them, [::1] for IPv6',
  });
}

/** As node:net's `isIP`, which takes a short command longer to load than to run. */
function isAddress(text: string): boolean {
  if (!text.includes(':')) {
    const octets = text.split('.');
    return octets.length === 4 && octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) <= 255);
  }
  return /^[\da-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`);
}

function parsePort(digits: string | undefined, text: string, least: number): number {
  const port = Number(digits);
  if (port >= least && port <= 65_535) return port;
  throw new MvmError('USAGE', `'${text}': ${digits} is no port: ${least} to 65535.`, { hint });
}
