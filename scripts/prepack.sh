#!/bin/sh
# Runs before `npm pack`: builds everything and assembles the default images that the package carries.
set -eu
MVM_CHECKOUT=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
export MVM_CHECKOUT
. "$MVM_CHECKOUT/scripts/bootstrap.sh"
bootstrap
exec "$node" "$MVM_CHECKOUT/scripts/prepack.ts" >&2
