# Further names that nixpkgs has for the same things.
{ lib, units, pkgs }:
let
  inherit (units) debianPackage lock;
  # Packages that are not in the table, and work as Debian has them.
  byName = builtins.mapAttrs (
    name: deb:
    if lock.packages ? ${deb} then
      debianPackage deb // { pname = name; }
    else
      throw "nixpkgs (Debian stand-in): the lock lacks ${deb}, which pkgs.${name} is made of. Write it out in a .nix file of the project; mvmctl then adds it."
  ) (lib.importJSON ../by-name.json);
in
byName // {
  bashInteractive = pkgs.bash;
  bashNonInteractive = pkgs.bash;
  runtimeShellPackage = pkgs.bash;
  runtimeShell = "${pkgs.bash}/bin/bash";
  python = pkgs.python3;
  python313 = pkgs.python3;
  python3Minimal = pkgs.python3;
  nodejs_20 = pkgs.nodejs;
  nodejs-slim_20 = pkgs.nodejs-slim;
  go_1_24 = pkgs.go;
  gcc14 = pkgs.gcc;
  gnumake42 = pkgs.gnumake;
  postgresql_17 = pkgs.postgresql;
  sqlite-interactive = pkgs.sqlite;
  utillinux = pkgs.util-linux;
  util-linuxMinimal = pkgs.util-linux;
  netcat-openbsd = pkgs.netcat;
  netcat-gnu = pkgs.netcat;
  bind = pkgs.dnsutils;
  dig = pkgs.dnsutils;
  openjdk = pkgs.jdk;
  openjdk21 = pkgs.jdk;
  jdk21 = pkgs.jdk;
  jre = pkgs.jdk;
  jre_headless = pkgs.jdk;
  pkgconf = pkgs.pkg-config;
  ruby_3_3 = pkgs.ruby;
  lua5_4 = pkgs.lua;
  php84 = pkgs.php;
  perl5 = pkgs.perl;
  openssh_client = pkgs.openssh;
  gitMinimal = pkgs.git;
  gitFull = pkgs.git;
  curlMinimal = pkgs.curl;
  curlFull = pkgs.curl;
  vim-full = pkgs.vim;
  nvim = pkgs.neovim;
  busybox-sandbox-shell = pkgs.busybox;
  mysql = pkgs.mariadb;
  mariadb-server = pkgs.mariadb;
  mariadb-client = pkgs.mariadb;
  gnutls = debianPackage "libgnutls30t64";
  glibc = debianPackage "libc6";
  zlib = debianPackage "zlib1g";
}
