# Builds the folder of terminfo.nix.
shopt -s nullglob
bb() { "$busybox" "$@"; }
target=$out/share/terminfo
bb mkdir -p "$target"

# names FAMILY...: a terminal's own name and those of its colours.
declare -A wanted=()
names() {
  local name
  for name; do
    for name in "$name" "$name"-{16color,88color,256color,direct,bce,256color-bce}; do wanted[$name]=1; done
  done
}
names xterm screen tmux rxvt rxvt-unicode linux st stterm alacritty kitty foot wezterm ghostty contour iterm iterm2 nsterm \
  konsole gnome vte vscode putty mintty mlterm Eterm terminology hterm vt52 vt100 vt102 vt220 vt320 ansi dumb cygwin ms-terminal

for folder in "$ncurses"/{share,lib}/terminfo/?; do
  files=()
  for file in "$folder"/*; do
    name=${file##*/}
    # All of xterm's and of screen's: programs name the terminal that they are in so (screen.xterm-256color).
    [[ -n ${wanted[$name]:-} || $name == xterm-* || $name == xterm.js || $name == screen.* ]] || continue
    [[ ! -e $target/${folder##*/}/$name ]] || continue
    files+=("$file")
  done
  [[ ${#files[@]} -ne 0 ]] || continue
  bb mkdir -p "$target/${folder##*/}"
  bb cp -L "${files[@]}" "$target/${folder##*/}/"
done
# As these two terminals call themselves, where ncurses has them under another name.
for name in kitty ghostty; do
  [[ ! -e $target/${name:0:1}/$name || -e $target/x/xterm-$name ]] || bb ln -s "../${name:0:1}/$name" "$target/x/xterm-$name"
done
