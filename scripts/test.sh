#!/bin/sh
# `npm test`: prepares the checkout as the launcher does, then runs every check and test.
set -eu
MVM_CHECKOUT=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
export MVM_CHECKOUT
. "$MVM_CHECKOUT/scripts/bootstrap.sh"
bootstrap
PATH=${node%/*}:$PATH
export PATH
exec "$node" "$MVM_CHECKOUT/scripts/test.ts" "$@"
