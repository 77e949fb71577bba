# Run by the seed's busybox: unpacks the first tools (perl, patchelf, xz and their libraries) and makes them
# run from the store, so that every later unit is unpacked by them.
set -e
export PATH="$TMPDIR/tools"
"$busybox" mkdir -p "$PATH"
"$busybox" --install -s "$PATH"
mkdir -p "$out"
cd "$out"
for deb in $debs; do dpkg-deb -x "$deb" .; done
rm -rf usr/share/doc usr/share/man usr/share/locale etc var
library=$out/usr/lib/$triplet
loader=$out/usr/$loader
cp "$busybox" "$out/busybox"
mkdir bin
patchelf() { "$loader" --library-path "$library" "$out/usr/bin/patchelf" "$@"; }
# An old-style rpath also serves the libraries of the libraries, which then stay as they are.
for name in perl xz patchelf; do
  patchelf --force-rpath --set-interpreter "$loader" --set-rpath "$library" --output "bin/$name" "usr/bin/$name"
done
for name in sh tar tail head cat rm mkdir ln chmod; do ln -s ../busybox "bin/$name"; done
