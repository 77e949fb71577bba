# npm's modules find each other as in a node_modules folder: no variable is set that the programs it starts would inherit.
ln -s . "$out/share/nodejs/node_modules"
# A third of it all, for debuggers and compilers only.
"$bootstrap/busybox" find "$out" -type f '(' -name '*.map' -o -name '*.d.ts' ')' -exec rm -f {} +
