import { etcFiles } from '../../../image/default/root/etc.ts';

/** The environment of all that runs in the builder. */
export const environment: Readonly<Record<string, string>> = {
  PATH: '/usr/bin:/usr/sbin',
  LANG: 'C.UTF-8',
  // The root is in memory: caches of fetched and evaluated flakes go to the disk, and stay.
  XDG_CACHE_HOME: '/nix/var/mvm/cache',
  NIX_SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
  SSL_CERT_FILE: '/etc/ssl/certs/ca-certificates.crt',
  GIT_SSL_CAINFO: '/etc/ssl/certs/ca-certificates.crt',
};

/**
 * Nix without a daemon and without build users: root is the only user, the machine is the fence. Builds are
 * still sandboxed, for the same results as elsewhere. A build that finds less than `min-free` bytes on the
 * store's disk first removes what no build needs, until there are `max-free`. No syncs: how the disk is
 * mounted keeps the database and the files together (`scripts.ts`).
 */
const nixConf = `experimental-features = nix-command flakes
build-users-group =
sandbox = true
sandbox-fallback = false
sandbox-paths = /bin/sh=/usr/bin/bash-static
build-dir = /nix/var/mvm/build
# Its log on the host has all that a build says; a copy for each derivation would stay in the store for good.
keep-build-log = false
min-free = 2147483648
max-free = 8589934592
max-jobs = auto
cores = 0
connect-timeout = 10
download-attempts = 3
stalled-download-timeout = 30
warn-dirty = false
accept-flake-config = false
ssl-cert-file = /etc/ssl/certs/ca-certificates.crt
`;

/** The text files of the builder's /etc. */
export function builderEtc(version: string): Record<string, string> {
  return {
    ...etcFiles(version),
    'nix/nix.conf': nixConf,
    // Sources are unpacked by root, no matter who owned them on the host.
    gitconfig: '[safe]\n\tdirectory = *\n',
  };
}
