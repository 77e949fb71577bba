set -- "$out"/lib/jvm/java-*
ln -s "lib/jvm/${1##*/}" "$out/home"
mkdir -p "$out/bin"
for program in "$1"/bin/*; do ln -sf "../lib/jvm/${1##*/}/bin/${program##*/}" "$out/bin/${program##*/}"; done
