import type { PackageIndex } from '../../../debian/index/packages.ts';
import type { PackageRecord } from '../../../debian/index/record.ts';
import { resolve } from '../../../debian/index/resolve.ts';

/** What the builder's root is made from, with all that these need. */
export const wanted: readonly string[] = [
  'nix-bin',
  'git',
  'erofs-utils',
  'patchelf',
  'ca-certificates',
  'bash',
  'coreutils',
  'findutils',
  'grep',
  'gzip',
  'libc-bin',
  'mount',
  'sed',
  'tar',
  'util-linux',
  'xz-utils',
  'zstd',
];

/**
 * What these packages name and the builder never runs: the set-up of installed systems (debconf, PAM, users),
 * and Perl, which Git's rarer commands and Nix's helpers for remote signing are written in.
 */
const unneeded = new Set([
  'base-files',
  'base-passwd',
  'curl',
  'debconf',
  'debianutils',
  'gawk',
  'gcc-14-base',
  'git-man',
  'libaudit-common',
  'libcurl4t64',
  'libdb5.3t64',
  'libdbd-sqlite3-perl',
  'libdbi-perl',
  'libdebconfclient0',
  'liberror-perl',
  'libgdbm-compat4t64',
  'libgdbm6t64',
  'libmpfr6',
  'libperl5.40',
  'libsemanage-common',
  'libsemanage2',
  'libsepol2',
  'libsigsegv2',
  'libwww-curl-perl',
  'login.defs',
  'openssl',
  'openssl-provider-legacy',
  'passwd',
  'perl',
  'perl-base',
  'perl-modules-5.40',
  'readline-common',
]);

/** Folders and files that a machine without people in it never reads. Half of Git are copies of itself. */
const unwanted: readonly RegExp[] = [
  /^usr\/share\/(?!ca-certificates\/|git-core\/|nix\/)/,
  /^usr\/lib\/[^/]+\/(gconv|security|perl5|krb5|sasl2|pkgconfig|audit|cmake)\//,
  /^usr\/lib\/[^/]+\/(libmvec\.so|libpcre2-posix|libasan)/,
  /^usr\/lib\/(systemd|tmpfiles\.d|sysusers\.d|udev|valgrind)\//,
  /^usr\/lib\/git-core\/(git-(daemon|http-push|http-fetch|http-backend|imap-send|sh-i18n--envsubst|shell)|scalar)$/,
  /^usr\/lib\/git-core\/git-(gui|p4|svn|instaweb|send-email|cvs.*|archimport|filter-branch|request-pull)/,
  /^usr\/bin\/(scalar|git-shell)$/,
  /^(etc|var|boot|opt|srv|home|media|tmp|root|dev|proc|sys|run|nix)\//,
  /\.a$/,
];

export const isWanted = (path: string): boolean => !unwanted.some((pattern) => pattern.test(path));

/** The names and rules above; they decide the root's content as much as the packages do. */
export const packageRules = [...wanted, '-', ...unneeded, ...unwanted.map(String)].join('\n');

/** The packages of the builder's root. Throws PACKAGE_NOT_FOUND. */
export function builderPackages(index: PackageIndex): PackageRecord[] {
  return resolve(index, wanted).filter((record) => !unneeded.has(record.name));
}
