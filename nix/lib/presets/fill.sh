# fill.sh FOLDER LAST OPTION PROGRAM [ARGUMENT…]: fills FOLDER with what PROGRAM writes into the folder that it is given by
# OPTION=…. LAST appears in FOLDER when all the rest is there and on disk: a power cut on the way leaves a folder that the
# next run fills again.
set -eu
folder=$1 last=$2 option=$3
shift 3
new=$folder/.new
rm -rf "$new"
mkdir -m 0700 "$new"
"$@" "$option=$new"
cd "$new"
for name in * .[!.]*; do
  [ "$name" != "$last" ] && [ -e "$name" ] || continue
  rm -rf "../$name"
  mv "$name" ../
done
sync
mv "$last" ../
cd ..
rmdir "$new"
