# Builds the tree of root.nix. bash's own words where they do; the rest is busybox.
source "$NIX_ATTRS_SH_FILE"
out=${outputs[out]}
bb() { "$busybox" "$@"; }
shopt -s nullglob dotglob
LC_ALL=C
root=$out/root

bb mkdir -p "$root"/{dev,etc/profile.d,etc/ssl/certs,home,mnt,nix/store,opt,proc,root,run,srv,sys,tmp} \
  "$root"/usr/{bin,lib,share,local/bin} "$root"/var/{cache,empty,lib,log,tmp}
# One folder of programs under all the names that scripts know.
bb ln -s usr/bin "$root/bin"
bb ln -s usr/bin "$root/sbin"
bb ln -s bin "$root/usr/sbin"
bb ln -s bin "$root/usr/local/sbin"
bb ln -s usr/lib "$root/lib"
bb ln -s /run "$root/var/run"
bb ln -s /proc/self/mounts "$root/etc/mtab"

# Links for all applets in one process; what packages have replaces them. Not these: PID 1 is the agent; nuke, resume and
# run-init destroy a running system; dpkg and rpm look like a way to install.
bb --install -s "$root/usr/bin"
bb ln -sf "$busybox" "$root/usr/bin/busybox"
for applet in init linuxrc nuke resume run-init dpkg rpm; do bb rm -f "$root/usr/bin/$applet"; done

# merge TARGET FOLDER...: links what is in the folders into TARGET. A folder that only one of them has becomes one link;
# of two files with one name the first wins.
merge() {
  local target=$1 folder entry name
  shift
  local -A first=() more=()
  local -a links=()
  for folder; do
    for entry in "$folder"/*; do
      name=${entry##*/}
      if [[ -z ${first[$name]:-} ]]; then
        first[$name]=$entry
      elif [[ -d $entry && -d ${first[$name]} ]]; then
        more[$name]+=$entry$'\n'
      fi
    done
  done
  for name in "${!first[@]}"; do
    if [[ -z ${more[$name]:-} && ! -d $target/$name ]]; then
      links+=("${first[$name]}")
      continue
    fi
    local -a folders=()
    mapfile -t folders < <(printf '%s\n%s' "${first[$name]}" "${more[$name]:-}")
    [[ -d $target/$name ]] || bb mkdir "$target/$name"
    merge "$target/$name" "${folders[@]}"
  done
  [[ ${#links[@]} -eq 0 ]] || bb ln -sf "${links[@]}" "$target/"
}

for part in bin lib libexec share include; do
  folders=()
  for package in "${packages[@]}"; do
    [[ ! -d $package/$part ]] || folders+=("$package/$part")
    # In nixpkgs this is a link to bin.
    [[ $part != bin || ! -d $package/sbin || -L $package/sbin ]] || folders+=("$package/sbin")
  done
  [[ ${#folders[@]} -ne 0 ]] || continue
  [[ -d $root/usr/$part ]] || bb mkdir "$root/usr/$part"
  merge "$root/usr/$part" "${folders[@]}"
done

# Programs are also found in /usr/local/bin: by links to the other names, so that one who removes or replaces a program there
# does so here.
declare -A programs=()
for package in "${declared[@]}"; do
  for entry in "$package"/bin/* "$package"/sbin/*; do programs[../../bin/${entry##*/}]=1; done
done
[[ ${#programs[@]} -eq 0 ]] || bb ln -s "${!programs[@]}" "$root/usr/local/bin/"

for bundle in ca-bundle.crt ca-certificates.crt; do
  [[ ! -s $cacert/etc/ssl/certs/$bundle ]] || break
done
if [[ ! -s $cacert/etc/ssl/certs/$bundle ]]; then
  echo "mkGuest: nixpkgs' cacert ($cacert) holds no etc/ssl/certs/ca-bundle.crt." >&2
  exit 1
fi
bb ln -s "$cacert/etc/ssl/certs/$bundle" "$root/etc/ssl/certs/ca-certificates.crt"
bb ln -s ca-certificates.crt "$root/etc/ssl/certs/ca-bundle.crt"
bb ln -s shrc "$root/etc/bashrc"
bb ln -s shrc "$root/etc/bash.bashrc"

# place PATH: makes room for a file of PATH, whatever the packages have there.
place() {
  local folder=$root${1%/*}
  # A folder that is a link into a package can't take another file: it becomes a folder of links.
  local at=$root step
  local -a steps=()
  IFS=/ read -r -a steps <<<"${1#/}"
  for step in "${steps[@]:0:${#steps[@]}-1}"; do
    at+=/$step
    if [[ -L $at && $(bb readlink "$at") == /nix/store/* ]]; then
      local old
      old=$(bb readlink "$at")
      bb rm "$at"
      bb mkdir "$at"
      merge "$at" "$old"
    fi
  done
  bb mkdir -p "$folder"
  bb rm -rf "${root:?}$1"
}
# A folder comes before what is put into it.
for path in "${order[@]}"; do
  if [[ -n ${links[$path]+link} ]]; then
    place "$path"
    bb ln -s "${links[$path]}" "$root$path"
  elif [[ -n ${texts[$path]+text} ]]; then
    place "$path"
    printf %s "${texts[$path]}" >"$root$path"
  else
    source=${sources[$path]}
    if [[ ! -e $source ]]; then
      echo "mkGuest: extraFiles.\"$path\" is to be $source, which is not there." >&2
      exit 1
    fi
    # A folder's content is merged with what is there: /etc stays /etc.
    if [[ -d $source && -d $root$path && ! -L $root$path ]]; then
      bb cp -R -P "$source/." "$root$path"
    else
      place "$path"
      bb cp -R -H "$source" "$root$path"
    fi
    [[ ! -d $root$path ]] || bb chmod -R u+w "$root$path"
  fi
done

{
  echo '0700 /root'
  echo '1777 /tmp'
  echo '1777 /var/tmp'
  for path in "${!modes[@]}"; do printf '%s %s\n' "${modes[$path]}" "$path"; done | bb sort
} >"$out/modes"
printf '%s\n' "$guestConfig" >"$out/image.json"

# Links like /bin/sh → /nix/store/… resolve here as they will in the guest.
if [[ -n $entryShell ]]; then
  found=$root/usr/bin/${entryShell##*/}
  case $entryShell in
    /nix/store/*) found=$entryShell ;;
    /bin/* | /sbin/* | /usr/bin/* | /usr/sbin/*) ;;
    *) found=$root$entryShell ;;
  esac
  if [[ ! -e $found ]]; then
    echo "mkGuest: the image has no $entryShell: no package in \`packages\` has a program ${entryShell##*/}." \
      "Add the one that has, for example packages = with pkgs; [ ${entryShell##*/} ];" >&2
    exit 1
  fi
fi
