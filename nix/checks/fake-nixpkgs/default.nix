# Packages made of the machine's own programs, for a Nix without a sandbox: enough to evaluate all of the library, and to
# build an image where these programs are. Nothing that is to run in a guest: their libraries are not in the store.
{ system }:
let
  package =
    name: programs:
    derivation {
      inherit name system programs;
      pname = name;
      builder = "/bin/sh";
      args = [
        "-euc"
        ''
          PATH=/usr/bin:/bin:/usr/sbin
          mkdir -p "$out/bin" "$out/share/$name" "$out/share/doc/$name"
          for program in $programs; do cp -L "$(command -v "$program")" "$out/bin/"; done
          echo "$name" >"$out/share/$name/name"
          echo "$name" >"$out/share/doc/name"
        ''
      ];
    };
in
{
  bash = package "bash" "bash";
  busybox = package "busybox" "busybox";
  cryptsetup = package "cryptsetup" "veritysetup";
  erofs-utils = package "erofs-utils" "mkfs.erofs";
  git = package "git" "git";
  jq = package "jq" "jq";
  ripgrep = package "ripgrep" "true";
  python3 = package "python3" "true" // {
    withPackages = choose: package "python3-env" "true" // { chosen = choose { flask = "flask"; }; };
  };
  nodejs = package "nodejs" "true";
  buildNpmPackage = { pname, ... }: package pname "true";
  ncurses = package "ncurses" "true";
  postgresql = package "postgresql" "true";
  redis = package "redis" "true";
  buildGoModule = { pname, ... }: package pname "true";
  binutils-unwrapped = package "binutils" "true";
  tzdata = package "tzdata" "true";
  linux.override = _: package "linux" "true" // {
    version = "6.12.0";
    dev = package "linux-dev" "true";
  };
  lib = {
    getBin = pkg: pkg;
    mkForce = value: value;
    kernel.yes = "y";
  };
  cacert = derivation {
    name = "cacert";
    inherit system;
    builder = "/bin/sh";
    args = [
      "-euc"
      "PATH=/usr/bin:/bin; mkdir -p $out/etc/ssl/certs; echo none >$out/etc/ssl/certs/ca-bundle.crt"
    ];
  };
}
