#!/bin/sh
# Runs a script of this checkout with the Node that mvmctl uses, after a bootstrap.
set -eu
MVM_CHECKOUT=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
export MVM_CHECKOUT
. "$MVM_CHECKOUT/scripts/bootstrap.sh"
bootstrap
PATH=${node%/*}:$PATH
export PATH
exec "$node" "$@"
