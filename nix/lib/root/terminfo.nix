# Descriptions of the terminals that people have: `share/terminfo`, without the rest that ncurses brings, which is ten times as
# much. Programs of nixpkgs and of Debian look for them in /usr/share/terminfo.
{ pkgs, system }:
import ../made-here.nix {
  name = "terminfo";
  inherit system;
  builder = "${pkgs.bash}/bin/bash";
  args = [
    "-euo"
    "pipefail"
    "${./terminfo.sh}"
  ];
  busybox = "${pkgs.busybox}/bin/busybox";
  ncurses = "${pkgs.ncurses}";
}
