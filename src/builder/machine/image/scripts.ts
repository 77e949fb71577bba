import { checkStore } from './check-store.ts';

/**
 * Programs of the builder that mvmctl runs in it; in bash, mostly without further processes, as each costs 20 ms
 * under emulation. They meet in /run/mvm: `jobs` is locked (shared) while a job runs, `timer` holds the pid of
 * the idle timer, `off` exists once the machine powers itself off, `check` while the store is yet to be checked,
 * `ready` once it can be used.
 */

/** Where the store's disk appears: the builder's only one. */
const device = '/dev/vda';

/**
 * A file's blocks are allocated as it is written. Then ext4 (data=ordered, its default) writes a file's bytes before the
 * journal tells of the file, and Nix's database, which is synced, tells of no path whose files are not on the disk: a
 * machine that is killed leaves the store as it was a few seconds earlier. With delayed allocation a file may be there
 * without its bytes. Other remedies cost more: data=journal writes all twice, and
 * Nix's fsync-store-paths syncs each file. (Without a write-ahead log, Nix locks its database by a file that a process
 * leaves behind when it is killed.) Each read is noted (`place/trace-reads.ts`).
 */
const mountOptions = 'strictatime,discard,nodelalloc';

/** Byte of the superblock's s_feature_incompat on the disk; its bit 4 is needs_recovery, set while it is mounted. */
const featuresAt = 1024 + 0x60;

/**
 * Makes the machine ready for a job and puts its power-off off. Status 75: too late, it is powering off; 76: the
 * store is damaged beyond use. Everything large is on the disk: the root is in memory. `synced` is as old as the
 * youngest path that is on the disk for certain.
 */
const prepare = `#!/bin/bash
# usage: mvm-prepare IDLE-SECONDS
set -eu
if [ ! -e /run/mvm/ready ]; then
  mkdir -p /run/mvm
  exec 9>/run/mvm/prepare
  flock 9
  if ! mountpoint -q /nix; then
    read -r features < <(od -A n -t u4 -j ${featuresAt} -N 4 ${device})
    (( (features & 4) == 0 )) || : >/run/mvm/check
    mount -t ext4 -o ${mountOptions} ${device} /nix || exit 76
  fi
  # What builds left that were killed.
  rm -rf /nix/var/mvm/build
  mkdir -p /nix/store /nix/var/nix/gcroots /nix/var/mvm/{work,build,cache,roots}
  # Not a link: Nix follows none in the path of a flake.
  mountpoint -q /mvm || mount --bind /nix/var/mvm/work /mvm
  if [ -e /run/mvm/check ]; then
    mvm-check
    rm /run/mvm/check
  fi
  : >/run/mvm/ready
  exec 9>&-
fi
if ! { read -r timer </run/mvm/timer && kill -USR1 "$timer"; } 2>/dev/null; then
  setsid mvm-idle "$1" </dev/null >/dev/null 2>&1 &
fi
if [ -e /run/mvm/off ]; then
  # The timer takes it back where it was told in time.
  sleep 1
  [ ! -e /run/mvm/off ] || exit 75
fi
: >/nix/var/mvm/syncing
sync
mv -f /nix/var/mvm/syncing /nix/var/mvm/synced
`;

/**
 * Powers the machine off (USR2 to PID 1) after that many seconds without a job; USR1 restarts the count. The
 * word to power off is written before the last look for USR1, and mvm-prepare sends that before it looks for
 * the word: one of the two always sees the other.
 */
const idle = `#!/bin/bash
# usage: mvm-idle SECONDS
exec 7>/run/mvm/timer.lock 8>/run/mvm/jobs
flock -n 7 || exit 0
anew=
trap 'anew=1; kill $! 2>/dev/null' USR1
trap 'kill $! 2>/dev/null; exit 0' TERM
echo $$ >/run/mvm/timer
while :; do
  anew=
  sleep "$1" 7>&- 8>&- & wait $!
  [ -z "$anew" ] || continue
  if flock -n 8; then
    : >/run/mvm/off
    if [ -z "$anew" ]; then
      sync
      kill -USR2 1
      exit 0
    fi
    rm /run/mvm/off
  else
    # A job runs: the time counts from its end.
    flock 8 7>&- & wait $!
  fi
  flock -u 8
done
`;

/** Runs a job: while it runs the machine is not idle. Stray children of it do not count. */
const job = `#!/bin/bash
# usage: mvm-job COMMAND…
exec flock --shared --close /run/mvm/jobs "$@"
`;

export const scripts: Readonly<Record<string, string>> = {
  'mvm-check': checkStore,
  'mvm-prepare': prepare,
  'mvm-idle': idle,
  'mvm-job': job,
};
