# Builds the files of image.nix. bash's own words where they do; the rest is busybox.
source "$NIX_ATTRS_SH_FILE"
out=${outputs[out]}
bb() { "$busybox" "$@"; }
source "$cpio"
LC_ALL=C
umask 022

# The tree: the root's own files with the permissions of a root file system, and the closure as it is in the store.
tree=$PWD/tree
bb cp -R -P "$root/root" "$tree"
bb find "$tree" -type d -exec "$busybox" chmod 0755 {} +
bb find "$tree" -type f ! -perm -0100 -exec "$busybox" chmod 0644 {} +
bb find "$tree" -type f -perm -0100 -exec "$busybox" chmod 0755 {} +
while IFS= read -r line; do
  bb chmod "${line%% *}" "$tree${line#* }"
done <"$root/modes"

mapfile -t closure < <(bb grep -o '"path":"[^"]*"' "$NIX_ATTRS_JSON_FILE" | bb cut -d '"' -f 4 | bb sort -u)
paths=()
for path in "${closure[@]}"; do
  [[ $path == "$root" ]] || paths+=("$path")
done
umask 0
bb cp -R -P "${paths[@]}" "$tree/nix/store/"
umask 022

# What a sealed image must not have. A store has no such permissions, unless it is not Nix's own.
if [[ -n $veritysetup ]]; then
  raised=$(bb find "$tree" -type f '(' -perm -4000 -o -perm -2000 ')')
  if [[ -n $raised ]]; then
    echo "mkGuest: a sealed image has no programs that change the user (setuid, setgid):" "${raised//"$tree"/}" >&2
    exit 1
  fi
  server=$(bb find "$tree" '(' -name sshd -o -name dropbear ')' -path '*bin/*')
  [[ -z $server ]] || echo "warning: this sealed image has an SSH server in it: ${server//"$tree"/}" >&2
fi

bb mkdir -p "$out"
echo "packing the closure of ${#paths[@]} store paths"
# No hard links: an optimised store does not show in the bytes. LZ4 in clusters of 16 KiB: 97 MB of a 171 MB closure, where LZ4HC
# in pages makes 94 MB and takes ten times as long, which is what a build waits for.
"$mkfs" --quiet -zlz4 -C16384 -T 0 --all-time --all-root -x-1 --hard-dereference --workers=1 \
  -U 6d766d00-0000-4000-8000-726f6f746673 "$out/rootfs.erofs" "$tree"

files=(kernel initrd rootfs.erofs)
verity=
if [[ -n $veritysetup ]]; then
  files+=(rootfs.verity)
  : >"$out/rootfs.verity"
  "$veritysetup" format --hash=sha256 --data-block-size=4096 --hash-block-size=4096 --salt="$salt" \
    --uuid=6d766d00-0000-4000-8000-766572697479 "$out/rootfs.erofs" "$out/rootfs.verity" >verity.txt
  rootHash=$(bb sed -n 's/^Root hash:[[:space:]]*\([0-9a-f]\{64\}\)$/\1/p' verity.txt)
  blocks=$(bb sed -n 's/^Data blocks:[[:space:]]*\([0-9]*\)$/\1/p' verity.txt)
  if [[ -z $rootHash || -z $blocks ]]; then
    echo "mkGuest: veritysetup said something else than expected:" >&2
    bb cat verity.txt >&2
    exit 1
  fi
  printf -v verity ',\n  "verity": { "rootHash": "%s", "salt": "%s", "dataBlocks": %s }' "$rootHash" "$salt" "$blocks"
fi

for file in kernel modules.cpio kernel.json; do
  [[ ! -e $kernel/$file ]] || continue
  echo "mkGuest: \`kernel\` must be a folder with kernel, modules.cpio and kernel.json; $kernel has no $file." >&2
  exit 1
done
size() { bb stat -L -c %s "$1"; }
bb cp "$kernel/kernel" "$out/kernel"
{
  cpio_folder dev
  cpio_device dev/console 020600 5 1
  cpio_device dev/null 020666 1 3
  cpio_file init 0100755 "$agent" "$(size "$agent")"
  cpio_folder mvm
  cpio_file mvm/image.json 0100644 "$root/image.json" "$(size "$root/image.json")"
  for folder in proc run sys; do cpio_folder $folder; done
  cpio_end
  bb cat "$kernel/modules.cpio"
} >"$out/initrd"

# kernel.json is JSON that mvm wrote: one field, a string, to be handed on as it stands.
commandLine=$(bb tr '\n' ' ' <"$kernel/kernel.json" | bb sed -n 's/.*"commandLine": *\("\([^"\\]\|\\.\)*"\).*/\1/p')
{
  printf '%s,\n  "kernelCommandLine": %s%s,\n  "files": {' "$imageJson" "${commandLine:-\"\"}" "$verity"
  comma=
  for file in "${files[@]}"; do
    read -r sum _ < <(bb sha256sum "$out/$file")
    printf '%s\n    "%s": { "sha256": "%s", "size": %s }' "$comma" "$file" "$sum" "$(size "$out/$file")"
    comma=,
  done
  printf '\n  }\n}\n'
} >"$out/image.json"
