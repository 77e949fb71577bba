# Sourced by mvmctl and scripts/test.sh, with MVM_CHECKOUT set. `bootstrap` leaves a built checkout and sets
# $node to a Node of at least version 24.

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $1"
  [ -z "${2:-}" ] || say "  → $2"
  exit 1
}

# The major version of the Node in $1, or 0.
node_major() {
  "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0
}

find_node() {
  node=${MVM_NODE:-}
  if [ -n "$node" ]; then
    [ "$(node_major "$node")" -ge 24 ] || fail "MVM_NODE=$node is not a Node of version 24 or newer." "unset MVM_NODE"
    return
  fi
  system=$(command -v node || true)
  [ -n "$system" ] || fail "Node.js is not installed; mvmctl needs version 20 or newer, with npm." \
    "apt-get install -y nodejs npm   (or your system's way)"
  if [ "$(node_major "$system")" -ge 24 ]; then node=$system; return; fi
  platform=$("$system" -p 'process.platform + "-" + process.arch')
  node=$MVM_CHECKOUT/build/node/node_modules/node-$platform/bin/node
  [ "$(node_major "$node")" -ge 24 ] && return
  command -v npm >/dev/null || fail "npm is not installed." "apt-get install -y npm"
  say "Installing Node 24 (the system's is $("$system" --version)) …"
  mkdir -p "$MVM_CHECKOUT/build/node"
  npm install --prefix "$MVM_CHECKOUT/build/node" --no-save --no-audit --no-fund --loglevel=error \
    "node-$platform@24" >"$MVM_CHECKOUT/build/node/install.log" 2>&1 ||
    { cat "$MVM_CHECKOUT/build/node/install.log" >&2; fail "Node 24 could not be installed from npm." "npm ping"; }
  [ "$(node_major "$node")" -ge 24 ] || fail "The npm package node-$platform does not run here." \
    "install Node 24 and try again"
}

install_dependencies() {
  [ -f "$MVM_CHECKOUT/node_modules/.package-lock.json" ] &&
    [ ! "$MVM_CHECKOUT/package-lock.json" -nt "$MVM_CHECKOUT/node_modules/.package-lock.json" ] && return
  say "Installing npm packages …"
  log=$MVM_CHECKOUT/build/npm.log
  (cd "$MVM_CHECKOUT" && PATH=${node%/*}:$PATH npm ci --no-audit --no-fund --loglevel=error >"$log" 2>&1) ||
    { tail -n 20 "$log" >&2; fail "npm ci failed." "cd $MVM_CHECKOUT && npm ci"; }
}

# One bootstrap at a time: a second one waits, then finds everything done.
lock_checkout() {
  mkdir -p "$MVM_CHECKOUT/build"
  lock=$MVM_CHECKOUT/build/lock
  told=
  while ! (set -C && echo $$ >"$lock") 2>/dev/null; do
    owner=$(cat "$lock" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      # Whoever renames it has stolen it; the others find it gone and try again.
      mv "$lock" "$lock.$$" 2>/dev/null && rm -f "$lock.$$"
      continue
    fi
    [ -n "$told" ] || say "Waiting for another build of this checkout (process ${owner:-?}) …"
    told=1
    sleep 1
  done
  trap 'rm -f "$lock"' EXIT
  trap 'exit 130' INT TERM HUP
}

bootstrap() {
  lock_checkout
  find_node
  install_dependencies
  (cd "$MVM_CHECKOUT" && "$node" scripts/build.ts) || exit 1
  printf '%s\n' "$node" >"$MVM_CHECKOUT/build/launch.new"
  mv "$MVM_CHECKOUT/build/launch.new" "$MVM_CHECKOUT/build/launch"
  rm -f "$lock"
  trap - EXIT INT TERM HUP
}
