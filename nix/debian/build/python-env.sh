# An environment of Python modules, for pkgs/python.nix. base: the interpreter; modules: the store paths whose modules it has;
# wanted: those among them whose programs it also has; version: "3.13"; shell.
site=$out/lib/python$version/site-packages
mkdir -p "$site" "$out/bin"
echo "home = $base/bin
include-system-site-packages = false
version = $version" >"$out/pyvenv.cfg"

# Folders that several packages share (zope, google) become folders of links.
link() {
  local entry target
  for entry in "$1"/*; do
    target=$2/${entry##*/}
    if [ -d "$entry" ] && [ -d "$target" ]; then
      if [ -L "$target" ]; then
        local old; old=$(readlink "$target")
        rm "$target"; mkdir "$target"; link "$old" "$target"
      fi
      link "$entry" "$target"
    else
      [ -e "$target" ] || ln -s "$entry" "$target"
    fi
  done
}
for module in $modules; do
  for folder in lib/python3/dist-packages "lib/python$version/dist-packages" "lib/python$version/site-packages"; do
    [ ! -d "$module/$folder" ] || link "$module/$folder" "$site"
  done
done

program() {
  printf '#!%s\nexec -a %q %q "$@"\n' "$shell" "$out/bin/$1" "$base/bin/$1" >"$out/bin/$1"
  chmod +x "$out/bin/$1"
}
for name in python3 python "python$version"; do program "$name"; done
# A program of Python runs with this environment's modules. Debian calls some NAME-3.
for folder in "$base/bin" ${wanted:+$(printf '%s/bin ' $wanted)}; do
  for file in "$folder"/*; do
    name=${file##*/}
    [ ! -e "$out/bin/$name" ] || continue
    first=
    IFS= read -r first <"$file" 2>/dev/null || true
    if [[ $first == '#!'*python3* ]]; then
      sed "1s|.*|#!$out/bin/python3|" "$file" >"$out/bin/$name"
      chmod +x "$out/bin/$name"
    else
      ln -s "$file" "$out/bin/$name"
    fi
    [[ $name != *-3 ]] || [ -e "$out/bin/${name%-3}" ] || ln -s "$name" "$out/bin/${name%-3}"
  done
done
