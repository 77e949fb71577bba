# What nixpkgs' makeWrapper and installShellFiles bring to a build.

# makeWrapper PROGRAM WRAPPER [--set NAME VALUE | --prefix NAME SEPARATOR VALUE | …]
makeWrapper() {
  local program=$1 wrapper=$2 argv0='"$0"' flags= after= text= value name
  [ -x "$program" ] || die "makeWrapper: $program is no program"
  shift 2
  # append|prepend NAME SEPARATOR VALUE: a line that adds to a variable, and sets one that is empty.
  adds() {
    if [ "$1" = prefix ]; then text+="export $2=$(printf %q "$4")\${$2:+$(printf %q "$3")\$$2}"$'\n'
    else text+="export $2=\${$2:+\$$2$(printf %q "$3")}$(printf %q "$4")"$'\n'; fi
  }
  while [ $# -gt 0 ]; do
    case $1 in
      --set) text+="export $2=$(printf %q "$3")"$'\n'; shift 3 ;;
      --set-default) text+="export $2=\${$2-$(printf %q "$3")}"$'\n'; shift 3 ;;
      --unset) text+="unset $2"$'\n'; shift 2 ;;
      --chdir) text+="cd $(printf %q "$2")"$'\n'; shift 2 ;;
      --run) text+="$2"$'\n'; shift 2 ;;
      --add-flag) flags+=" $(printf %q "$2")"; shift 2 ;;
      --append-flag) after+=" $(printf %q "$2")"; shift 2 ;;
      --add-flags) flags+=" $2"; shift 2 ;;
      --append-flags) after+=" $2"; shift 2 ;;
      --argv0) argv0=$(printf %q "$2"); shift 2 ;;
      --inherit-argv0) argv0='"$0"'; shift ;;
      --resolve-argv0) shift ;;
      --prefix|--suffix) adds "${1#--}" "$2" "$3" "$4"; shift 4 ;;
      --prefix-each|--suffix-each)
        name=${1#--}; for value in $4; do adds "${name%-each}" "$2" "$3" "$value"; done; shift 4 ;;
      --prefix-contents|--suffix-contents)
        name=${1#--}; for value in $4; do adds "${name%-contents}" "$2" "$3" "$(cat "$value")"; done; shift 4 ;;
      *) die "makeWrapper: unknown argument $1" ;;
    esac
  done
  mkdir -p "$(dirname "$wrapper")"
  printf '#!%s\n%sexec -a %s %q%s "$@"%s\n' "$SHELL" "$text" "$argv0" "$program" "$flags" "$after" >"$wrapper"
  chmod +x "$wrapper"
}
# wrapProgram PROGRAM [arguments of makeWrapper]: the wrapper takes the program's place.
wrapProgram() {
  local program=$1 hidden
  [ -x "$program" ] || die "wrapProgram: $program is no program"
  hidden=$(dirname "$program")/.$(basename "$program")-wrapped
  while [ -e "$hidden" ]; do hidden=${hidden}_; done
  mv "$program" "$hidden"
  shift
  makeWrapper "$hidden" "$program" "$@"
}
makeShellWrapper() { makeWrapper "$@"; }
makeBinaryWrapper() { makeWrapper "$@"; }
makeCWrapper() { die "makeCWrapper is not in the stand-in; use makeWrapper"; }
wrapProgramShell() { wrapProgram "$@"; }
wrapProgramBinary() { wrapProgram "$@"; }

installBin() { local file; for file; do install -Dm755 "$file" "$out/bin/$(basename "$file")"; done; }
# Manual pages are not in packages of the stand-in; a flake's own are kept.
installManPage() { local file; for file; do install -Dm644 "$file" "$out/share/man/man${file##*.}/$(basename "$file")"; done; }
installShellCompletion() {
  local shell= name= file
  while [ $# -gt 0 ]; do
    case $1 in
      --bash|--zsh|--fish) shell=${1#--}; shift ;;
      --name) name=$2; shift 2 ;;
      --cmd) name=$2; shift 2 ;;
      --) shift ;;
      *)
        file=$1; shift
        local as=$shell to
        [ -n "$as" ] || as=${file##*.}
        to=$(basename "$file" ".$as")
        [[ $file != /dev/fd/* ]] || to=
        to=${name:-$to}
        case $as in
          bash) to=share/bash-completion/completions/${to%.bash} ;;
          zsh) to=share/zsh/site-functions/_${to#_} ;;
          fish) to=share/fish/vendor_completions.d/${to%.fish}.fish ;;
          *) die "installShellCompletion: of which shell is $file?" ;;
        esac
        mkdir -p "$out/$(dirname "$to")"
        cat "$file" >"$out/$to" ;;
    esac
  done
}
