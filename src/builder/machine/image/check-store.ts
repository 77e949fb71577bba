/**
 * Checks the store after an unclean shutdown: the database opens, and what it names is there;
 * what was registered since the last sync has its content. Prints `checking` first, and `lost PATH` for each path
 * that was damaged, and removed with everything that refers to it. Status 76: the store can't be used, and must be recreated.
 */
export const checkStore = `#!/bin/bash
# usage: mvm-check
set -o pipefail
exec 2>&1
echo checking
[ -e /nix/var/nix/db ] || exit 0
nix-store --verify || exit 76
since=()
[ ! -e /nix/var/mvm/synced ] || since=(-cnewer /nix/var/mvm/synced)
young=$(find /nix/store -mindepth 1 -maxdepth 1 -name '*-*' ! -name '.*' ! -name '*.lock' "\${since[@]}" | sort)
unknown=$(xargs -r nix-store --check-validity --print-invalid <<<"$young" | sort) || exit 76
said=$(comm -23 <(echo "$young") <(echo "$unknown") | xargs -r nix-store --verify-path 2>&1) && exit 0
damaged=$(sed -n "s/.*path '\\([^']*\\)' was modified.*/\\1/p" <<<"$said")
if [ -z "$damaged" ]; then
  echo "$said"
  exit 76
fi
lost=$(xargs nix-store --query --referrers-closure <<<"$damaged") || exit 76
xargs nix-store --delete --ignore-liveness <<<"$lost" || exit 76
sed 's/^/lost /' <<<"$lost"
`;
