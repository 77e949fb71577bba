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

# told LABEL LOG COMMAND…: runs it with its output in LOG, and says on stderr that it runs, how long, and when it is done.
told() {
  label=$1 log=$2
  shift 2
  mkdir -p "${log%/*}"
  say "$label …"
  began=$(date +%s)
  "$@" >"$log" 2>&1 &
  command=$!
  tell_time &
  ticker=$!
  status=0
  wait "$command" || status=$?
  stop_told
  took=$(($(date +%s) - began))
  [ "$status" != 0 ] || [ "$took" -lt 2 ] || say "$label: done in $took s"
  return "$status"
}

# Draws over a line on a terminal; elsewhere a line now and then.
tell_time() {
  seconds=0
  while sleep 1 2>/dev/null; do
    seconds=$((seconds + 1))
    if [ -t 2 ]; then printf '\r  %s (%s s) ' "$label" "$seconds" >&2
    elif [ $((seconds % 10)) = 0 ]; then say "  $label ($seconds s)"; fi
  done
}

# Ends what told began, where a signal ends this shell: what runs in the background does not hear of Ctrl-C.
stop_told() {
  kill ${command:-} ${ticker:-} 2>/dev/null || true
  [ -z "${ticker:-}" ] || [ ! -t 2 ] || printf '\r\033[2K' >&2
  command='' ticker=''
}

# What helps where npm failed, by what it said in the log $1; $2 is what to try otherwise.
npm_hint() {
  if grep -qE 'SELF_SIGNED|self.signed|UNABLE_TO_(VERIFY|GET_ISSUER)|unable to (verify|get)|CERT_' "$1"; then
    echo "export NODE_EXTRA_CA_CERTS=/path/to/ca.pem   (npm does not trust its registry's certificate: name the CA of your network)"
  elif grep -qE 'ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|network' "$1"; then
    echo "npm ping   (npm does not reach its registry; behind a proxy: npm config set https-proxy http://HOST:PORT)"
  else
    echo "$2"
  fi
}

# How often npm tries again: its own way is silent for 70 s.
npm_flags="--no-audit --no-fund --loglevel=error --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000"

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
  log=$MVM_CHECKOUT/build/node/install.log
  told "Installing Node 24 (the system's is $("$system" --version))" "$log" \
    npm install --prefix "$MVM_CHECKOUT/build/node" --no-save $npm_flags "node-$platform@24" ||
    { tail -n 20 "$log" >&2; fail "Node 24 could not be installed from npm." "$(npm_hint "$log" "npm ping")"; }
  [ "$(node_major "$node")" -ge 24 ] || fail "The npm package node-$platform does not run here." \
    "install Node 24 and try again"
}

install_dependencies() {
  [ -f "$MVM_CHECKOUT/node_modules/.package-lock.json" ] &&
    [ ! "$MVM_CHECKOUT/package-lock.json" -nt "$MVM_CHECKOUT/node_modules/.package-lock.json" ] && return
  log=$MVM_CHECKOUT/build/npm.log
  told "Installing npm packages" "$log" npm_ci ||
    { tail -n 20 "$log" >&2; fail "npm ci failed." "$(npm_hint "$log" "cd $MVM_CHECKOUT && npm ci")"; }
}

# Takes the place of the shell that runs it, so that it is what a signal ends.
npm_ci() {
  cd "$MVM_CHECKOUT"
  PATH=${node%/*}:$PATH exec npm ci $npm_flags
}

# One bootstrap at a time: a second one waits, then finds everything done.
lock_checkout() {
  mkdir -p "$MVM_CHECKOUT/build"
  lock=$MVM_CHECKOUT/build/lock
  told=
  while ! (set -C && echo $$ >"$lock") 2>/dev/null; do
    owner=$(cat "$lock" 2>/dev/null || true)
    if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
      # Whichever process renames it has taken it over; the others find it gone and try again.
      mv "$lock" "$lock.$$" 2>/dev/null && rm -f "$lock.$$"
      continue
    fi
    [ -n "$told" ] || say "Waiting for another build of this checkout (process ${owner:-?}) …"
    told=1
    sleep 1
  done
  trap 'rm -f "$lock"' EXIT
  trap 'stop_told; exit 130' INT TERM HUP
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
