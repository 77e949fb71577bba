# gcc finds its own parts by where it stands; the C library, its headers and the loader it has to be told.
rpath=
for dir in $deps; do
  [ ! -e "$dir/lib/$triplet/libc.so.6" ] || libc=$dir
  for name in libc.so.6 libstdc++.so.6; do
    [ ! -e "$dir/lib/$triplet/$name" ] || rpath="$rpath -Wl,-rpath,$dir/lib/$triplet"
  done
done
for pair in gcc:gcc-14 cc:gcc-14 g++:g++-14 c++:g++-14 cpp:cpp-14; do
  name=${pair%%:*}
  program="$out/bin/$(echo "$triplet" | tr _ -)-${pair#*:}"
  [ -e "$program" ] || program="$out/bin/$triplet-${pair#*:}"
  linking="-L$out/lib/$triplet -L$libc/lib/$triplet -Wl,-dynamic-linker,$libc/$loader $rpath"
  [ "$name" != cpp ] || linking=
  rm -f "$out/bin/$name"
  cat >"$out/bin/$name" <<END
#!$shell/bin/bash
more=()
if [ -n "\${LIBRARY_PATH-}" ]; then
  IFS=: read -ra dirs <<<"\$LIBRARY_PATH"
  for dir in "\${dirs[@]}"; do more+=(-Wl,-rpath,"\$dir"); done
fi
exec "$program" -B"$out/bin" -B"$out/lib/$triplet" -idirafter "$out/include/$triplet" -idirafter "$out/include" $linking "\${more[@]}" "\$@"
END
  [ "$name" != cpp ] || sed -i 's/ "\${more\[@\]}"//' "$out/bin/$name"
  chmod +x "$out/bin/$name"
done
