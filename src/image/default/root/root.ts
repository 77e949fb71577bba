import type { CpioEntry } from '../../format/cpio.ts';
import { linkedApplets, readApplets } from './applets.ts';
import { etcFiles } from './etc.ts';

const folders: readonly (readonly [path: string, mode?: number])[] = [
  ['dev'],
  ['etc/profile.d'],
  ['home'],
  ['mnt'],
  ['opt'],
  ['proc'],
  ['root', 0o700],
  ['run'],
  ['srv'],
  ['sys'],
  ['tmp', 0o1777],
  ['usr/local/bin'],
  ['usr/local/sbin'],
  ['usr/lib'],
  ['usr/share/zoneinfo/Etc'],
  ['var/cache'],
  ['var/lib'],
  ['var/log'],
  ['var/spool/cron/crontabs'],
  ['var/tmp', 0o1777],
];

/** One folder of programs under all the names that scripts know, so that no path to an applet is wrong. */
const links: readonly (readonly [path: string, target: string])[] = [
  ['bin', 'usr/bin'],
  ['sbin', 'usr/bin'],
  ['usr/sbin', 'bin'],
  ['lib', 'usr/lib'],
  ['var/run', '/run'],
  ['etc/mtab', '/proc/self/mounts'],
  ['etc/localtime', '/usr/share/zoneinfo/Etc/UTC'],
];

/** A time zone file (RFC 8536, version 1) of one type: UTC, never another. */
function utcZone(): Buffer {
  const header = Buffer.alloc(44);
  header.write('TZif', 0, 'latin1');
  // Counts: no leap seconds or transitions, one type, four characters of names.
  header.writeUInt32BE(1, 36);
  header.writeUInt32BE(4, 40);
  return Buffer.concat([header, Buffer.alloc(6), Buffer.from('UTC\0')]);
}

/**
 * The default image's root file system: static busybox with its applets linked, and an /etc. There are no
 * certificates in it: busybox's wget does not check any.
 */
export function defaultRoot(busybox: Buffer, version: string): CpioEntry[] {
  const applets = linkedApplets(readApplets(busybox, 'busybox'));
  return [
    ...folders.map(([path, mode]): CpioEntry => ({ type: 'dir', path, mode: mode ?? 0o755 })),
    ...links.map(([path, target]): CpioEntry => ({ type: 'link', path, target })),
    { type: 'file', path: 'usr/bin/busybox', data: busybox, mode: 0o755 },
    ...applets.map((name): CpioEntry => ({ type: 'link', path: `usr/bin/${name}`, target: 'busybox' })),
    ...Object.entries(etcFiles(version)).map(
      ([name, text]): CpioEntry => ({
        type: 'file',
        path: `etc/${name}`,
        data: Buffer.from(text),
        mode: name === 'shadow' ? 0o600 : 0o644,
      }),
    ),
    { type: 'file', path: 'usr/share/zoneinfo/Etc/UTC', data: utcZone() },
  ];
}
