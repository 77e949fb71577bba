# The environment of stdenv.mkDerivation and runCommand: PATH, substituteInPlace, phases.
[ -z "${NIX_ATTRS_SH_FILE-}" ] || . "$NIX_ATTRS_SH_FILE"
set -eu -o pipefail
shopt -s nullglob
if [ -n "${NIX_ATTRS_SH_FILE-}" ]; then
  for name in "${!outputs[@]}"; do declare -x "$name=${outputs[$name]}"; done
  out=${outputs[out]-}
fi

PATH= PKG_CONFIG_PATH=${PKG_CONFIG_PATH-} CPATH=${CPATH-} LIBRARY_PATH=${LIBRARY_PATH-}
for path in ${inputs[@]+${inputs[@]}}; do
  [ ! -d "$path/include" ] || CPATH=${CPATH:+$CPATH:}$path/include
  for dir in "$path"/lib "$path"/lib/*-linux-gnu; do
    [ ! -d "$dir" ] || LIBRARY_PATH=${LIBRARY_PATH:+$LIBRARY_PATH:}$dir
  done
done
export CPATH LIBRARY_PATH
for path in ${inputs[@]+${inputs[@]}} ${initialPath[@]}; do
  PATH=${PATH:+$PATH:}$path/bin
  for dir in "$path"/lib/pkgconfig "$path"/lib/*/pkgconfig "$path"/share/pkgconfig; do
    [ ! -d "$dir" ] || PKG_CONFIG_PATH=${PKG_CONFIG_PATH:+$PKG_CONFIG_PATH:}$dir
  done
done
export PATH PKG_CONFIG_PATH HOME=/homeless-shelter SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH-1} TZ=UTC LC_ALL=C.UTF-8
export CONFIG_SHELL=$builder SHELL=$builder prefix=${prefix-${out-}}

makeFlagsArray=()

if type -P gcc >/dev/null; then
  export CC=${CC-gcc} CXX=${CXX-g++} AR=${AR-ar} AS=${AS-as} LD=${LD-ld} NM=${NM-nm} RANLIB=${RANLIB-ranlib} STRIP=${STRIP-strip}
fi

die() { echo "error: $*" >&2; exit 1; }
runHook() { local hook=$1; shift; if [ "$(type -t "$hook" || true)" = function ]; then "$hook" "$@"; else eval "${!hook-}"; fi; }

substituteInPlace() {
  local files=() text new
  while [ $# -gt 0 ] && [[ $1 != --* ]]; do files+=("$1"); shift; done
  local file args=("$@")
  for file in "${files[@]}"; do
    set -- "${args[@]}"
    text=$(cat "$file"; printf x); text=${text%x}
    while [ $# -gt 0 ]; do
      case $1 in
        --replace|--replace-fail|--replace-warn|--replace-quiet)
          [[ $text == *"$2"* ]] || [ "$1" != --replace-fail ] || die "substituteInPlace: $file does not contain: $2"
          text=${text//"$2"/"$3"}; shift 3 ;;
        --subst-var) new=$2; text=${text//"@$2@"/"${!new}"}; shift 2 ;;
        --subst-var-by) text=${text//"@$2@"/"$3"}; shift 3 ;;
        --quiet) shift ;;
        *) die "substituteInPlace: unknown argument $1" ;;
      esac
    done
    printf %s "$text" >"$file"
  done
}
# Every variable of the build whose name a template has as @name@.
substituteAll() {
  local from=$1 to=$2
  cp "$from" "$to"; chmod u+w "$to"; substituteAllInPlace "$to"
}
substituteAllInPlace() {
  local file name args
  for file; do
    args=()
    while read -r name; do
      [ -z "${!name+set}" ] || args+=(--subst-var "$name")
    done < <(grep -oE '@[a-z][a-zA-Z0-9_]*@' "$file" | tr -d @ | sort -u)
    [ ${#args[@]} -eq 0 ] || substituteInPlace "$file" "${args[@]}"
  done
}
substitute() { local from=$1 to=$2; shift 2; cp "$from" "$to"; chmod u+w "$to"; substituteInPlace "$to" "$@"; }
install() { command install "$@"; }
patchShebangs() {
  local file line program real
  [ "${1-}" != --build ] && [ "${1-}" != --host ] || shift
  while read -r -d '' file; do
    IFS= read -r line <"$file" || true
    [[ $line == '#!'* ]] || continue
    read -r program rest <<<"${line#\#!}"
    [[ $program == */env ]] && read -r program rest <<<"$rest"
    [[ $program != /nix/store/* ]] || continue
    real=$(type -P "${program##*/}") || continue
    sed -i "1c#!$real${rest:+ $rest}" "$file"
  done < <(find "$@" -type f -perm -0100 -print0)
}
unpackFile() {
  case $1 in
    *.tar|*.tar.*|*.tgz|*.txz|*.tbz2) tar -xf "$1" ;;
    *.zip) unzip -q "$1" ;;
    *) [ -d "$1" ] || die "don't know how to unpack $1"
       cp -r --no-preserve=ownership "$1" "$(basename "${1#*-}")"; chmod -R u+w "$(basename "${1#*-}")" ;;
  esac
}
unpackPhase() {
  runHook preUnpack
  local one
  for one in ${srcs-${src-}}; do unpackFile "$one"; done
  local dirs=(*/)
  [ -n "${sourceRoot-}" ] || { [ ${#dirs[@]} -eq 1 ] && sourceRoot=${dirs[0]}; } || die "the sources unpack to ${#dirs[@]} folders; set sourceRoot"
  cd "$sourceRoot"
  runHook postUnpack
}
patchPhase() { runHook prePatch; local one; for one in ${patches-}; do patch -p1 <"$one"; done; runHook postPatch; }
hasMakefile() { [ -e Makefile ] || [ -e makefile ] || [ -e GNUmakefile ] || [ -n "${makefile-}" ]; }
configurePhase() {
  runHook preConfigure
  if [ -x ./configure ]; then
    ./configure --prefix="$prefix" ${configureFlags-}
  elif [ -e CMakeLists.txt ] && [ -z "${dontUseCmakeConfigure-}" ] && type -P cmake >/dev/null; then
    mkdir -p build
    cd build
    cmake .. -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_BUILD_TYPE="${cmakeBuildType:-Release}" ${cmakeFlags-}
  fi
  runHook postConfigure
}
runMake() { make ${makefile:+-f "$makefile"} SHELL="$SHELL" ${makeFlags-} "${makeFlagsArray[@]}" "$@"; }
buildPhase() { runHook preBuild; ! hasMakefile || runMake -j"${NIX_BUILD_CORES:-1}" ${buildFlags-}; runHook postBuild; }
checkPhase() { runHook preCheck; ! hasMakefile || runMake ${checkTarget:-check}; runHook postCheck; }
installPhase() {
  runHook preInstall
  if hasMakefile; then runMake prefix="$prefix" PREFIX="$prefix" ${installFlags-} ${installTargets:-install}
  else echo "there is no Makefile and no installPhase: nothing is installed"; fi
  runHook postInstall
}
fixupPhase() { runHook preFixup; [ ! -d "$out" ] || patchShebangs "$out"; runHook postFixup; }

. "$stdenv/wrapper.sh"

if [ -n "${buildCommandPath-}" ]; then . "$buildCommandPath"; exit; fi
if [ -n "${buildCommand-}" ]; then eval "$buildCommand"; exit; fi
cd "$(mktemp -d)"
for phase in ${phases:-unpackPhase patchPhase configurePhase buildPhase ${doCheck:+checkPhase} installPhase fixupPhase}; do
  skip=dont${phase%Phase}; skip=dont$(printf %s "${phase%Phase}" | sed 's/^./\U&/')
  [ -z "${!skip-}" ] || continue
  [ "$phase" != unpackPhase ] || [ -n "${src-}${srcs-}" ] || [ -n "${unpackPhase-}" ] || continue
  echo "Running phase: $phase"
  if [ -n "${!phase-}" ]; then eval "${!phase}"; else "$phase"; fi
done
