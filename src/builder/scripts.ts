/**
 * Programs of the builder that mvmctl runs in it. State that must outlive them is below /run/mvm:
 * `jobs` is locked (shared) while a job runs, `off` exists once the machine is about to power off.
 */

/** Where the store's disk appears: the builder's only one. */
const device = '/dev/vda';

/**
 * Makes the machine ready for a job, and puts the power-off of an idle machine off. Status 75: too late, it
 * is powering off. Harmless where it has run before. Everything large is on the disk: the root is in memory.
 */
const prepare = `#!/bin/sh
# usage: mvm-prepare IDLE-SECONDS
set -eu
mkdir -p /run/mvm
exec 9>/run/mvm/prepare
flock 9
if ! mountpoint -q /nix; then
  mount -t ext4 -o noatime,discard ${device} /nix
fi
mkdir -p /nix/store /nix/var/nix/gcroots /nix/var/mvm/work /nix/var/mvm/build /nix/var/mvm/cache
chmod 1777 /nix/var/mvm/work
# Not a link: Nix follows none in the path of a flake.
mountpoint -q /mvm || mount --bind /nix/var/mvm/work /mvm
exec 8>/run/mvm/jobs
flock -s 8
[ ! -e /run/mvm/off ] || exit 75
if [ -s /run/mvm/timer ]; then
  kill "$(cat /run/mvm/timer)" 2>/dev/null || :
fi
setsid mvm-idle "$1" </dev/null >/dev/null 2>&1 8>&- 9>&- &
echo $! >/run/mvm/timer
`;

/** Powers the machine off (USR2 to PID 1) after that many seconds without a job. */
const idle = `#!/bin/sh
# usage: mvm-idle SECONDS
exec 8>/run/mvm/jobs
# A process that ends its children when it is ended: the next timer comes with the next job.
trap 'kill $! 2>/dev/null; exit 0' TERM
while :; do
  sleep "$1" 8>&- & wait $!
  if flock -n 8; then
    >/run/mvm/off
    sync
    kill -USR2 1
    exit 0
  fi
  # A job runs: the time counts from its end.
  flock 8 & wait $!
  flock -u 8
done
`;

/** Runs a job: while it runs the machine is not idle. Stray children of it do not count. */
const job = `#!/bin/sh
# usage: mvm-job COMMAND…
exec flock --shared --close /run/mvm/jobs "$@"
`;

export const scripts: Readonly<Record<string, string>> = {
  'mvm-prepare': prepare,
  'mvm-idle': idle,
  'mvm-job': job,
};
