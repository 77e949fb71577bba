# Well-known names of nixpkgs that Debian can't stand in for, with the error for each. As in
# nixpkgs, `pkgs ? name` is true for them; for a name that neither has, mvmctl suggests similar ones.
{ lib }:
let
  real = "use the real nixpkgs: leave `--nixpkgs debian` out.";
  absent = name: why: "nixpkgs (Debian stand-in): there is no pkgs.${name}: ${why}";
  refuse = why: names: lib.genAttrs names (name: absent name why);
in
refuse "Debian has no such package. Take its release as a file (pkgs.fetchurl with a hash), or ${real}" [
  "kubernetes-helm" "k9s" "minikube" "terraform" "opentofu" "awscli2" "google-cloud-sdk" "vault" "consul" "nomad"
  "packer" "firefox" "google-chrome" "vscode" "deno" "bun" "zig" "sbt" "dart" "flutter" "julia" "nim" "gleam" "helix"
  "zellij" "lazydocker" "nushell" "mongodb" "clickhouse" "elasticsearch" "kafka" "apacheKafka" "minio" "grafana"
  "traefik" "envoy" "uv" "ruff" "poetry" "pdm" "hatch" "pnpm" "biome" "prettier" "golangci-lint" "buf" "grpcurl"
  "nix" "nixfmt" "nixfmt-rfc-style" "nixpkgs-fmt" "alejandra" "nil" "nixd" "cachix" "actionlint" "hadolint" "act"
  "yq-go" "jless" "fx" "websocat" "mitmproxy" "libvirt" "firecracker" "cloud-hypervisor" "crosvm" "zola" "sops"
  "tailscale" "jujutsu" "dart-sass" "neofetch" "scc" "watchexec" "watchman" "zfs" "usql" "dbmate" "goose" "sqlc"
  "flyway" "liquibase" "duckdb" "cockroachdb" "vector" "jaeger" "devenv" "nix-direnv" "statix" "deadnix" "treefmt"
  "nix-tree" "comma" "gum" "vhs" "lefthook" "turbo" "corepack" "bundler" "cargo-watch" "cargo-edit" "cargo-nextest"
  "cargo-audit" "wasm-pack" "trunk" "sccache" "mold"
]
// builtins.mapAttrs (
  name: deb:
  absent name "it is not in this set, but Debian has a package: write pkgs.debian.${lib.escapeNixIdentifier deb}, which gets the general treatment only. Or ${real}"
) {
  R = "r-base-core"; ack = "ack"; ansible = "ansible"; ant = "ant"; apacheHttpd = "apache2";
  asciidoctor = "asciidoctor"; automake = "automake"; azure-cli = "azure-cli"; bazel = "bazel-bootstrap";
  bear = "bear"; bpftrace = "bpftrace"; cabal-install = "cabal-install"; chromium = "chromium"; clang = "clang-19";
  clang-tools = "clang-tools-19"; cloc = "cloc"; clojure = "clojure"; composer = "composer"; cowsay = "cowsay";
  crystal = "crystal"; csvkit = "csvkit"; docker = "docker.io"; docker-compose = "docker-compose";
  doxygen = "doxygen"; elixir = "elixir"; emacs = "emacs-nox"; erlang = "erlang-base"; figlet = "figlet";
  flatbuffers = "flatbuffers-compiler"; fortune = "fortune-mod"; gettext = "gettext"; gfortran = "gfortran";
  ghc = "ghc"; glances = "glances"; gradle = "gradle"; graphviz = "graphviz"; guile = "guile-3.0";
  help2man = "help2man"; httpie = "httpie"; imagemagick = "imagemagick"; influxdb = "influxdb"; jc = "jc";
  kitty = "kitty"; kotlin = "kotlin"; leiningen = "leiningen"; libtool = "libtool-bin"; lighttpd = "lighttpd";
  litecli = "litecli"; lld = "lld-19"; lldb = "lldb-19"; llvm = "llvm-19"; lolcat = "lolcat"; luarocks = "luarocks";
  lynx = "lynx"; man = "man-db"; man-db = "man-db"; maven = "maven"; mercurial = "mercurial"; meson = "meson";
  moreutils = "moreutils"; mosh = "mosh"; mycli = "mycli"; nfs-utils = "nfs-common"; ocaml = "ocaml";
  octave = "octave"; opam = "opam"; parallel = "parallel"; pciutils = "pciutils"; perf = "linux-perf";
  pgcli = "pgcli"; podman = "podman"; pre-commit = "pre-commit"; protobufc = "protobuf-c-compiler";
  qemu = "qemu-system-x86"; rabbitmq-server = "rabbitmq-server"; racket = "racket"; rr = "rr"; rustup = "rustup";
  sass = "sassc"; sbcl = "sbcl"; scala = "scala"; stack = "haskell-stack"; stow = "stow"; subversion = "subversion";
  swi-prolog = "swi-prolog-nox"; swig = "swig"; sysstat = "sysstat"; texlive = "texlive"; thrift = "thrift-compiler";
  tor = "tor"; tshark = "tshark"; typescript = "node-typescript"; usbutils = "usbutils"; valgrind = "valgrind";
  wireguard-tools = "wireguard-tools"; wireshark = "wireshark"; yarn = "yarnpkg"; yq = "yq"; yt-dlp = "yt-dlp";
}
// refuse "the image is what mkGuest makes of its arguments: put the packages in `packages`, the command in `entrypoint`. Or ${real}" [
  "dockerTools" "ociTools" "singularity-tools" "snapTools" "appimageTools" "vmTools" "nixosTest" "testers" "nixos" "nixosOptionsDoc"
  "buildFHSEnv" "buildFHSUserEnv" "buildFHSEnvBubblewrap" "makeInitrd" "portableService"
]
// refuse "it builds with a language's own package manager. Build the program in the guest, with the compiler in `packages`, or put a built program into `extraFiles`. Or ${real}" [
  "buildNpmPackage" "importNpmLock" "fetchNpmDeps" "fetchYarnDeps" "mkYarnPackage" "buildGoModule" "buildGoPackage" "buildGoLatestModule"
  "buildPythonPackage" "buildPythonApplication" "rustPlatform" "makeRustPlatform" "buildRustCrate" "naersk" "crane" "buildRubyGem"
  "bundlerEnv" "bundlerApp" "buildMavenPackage" "maven3" "gradle2nix" "buildDotnetModule" "dotnetCorePackages" "dotnet-sdk" "mkSbtDerivation"
  "beamPackages" "beam" "buildDartApplication" "buildZigPackage" "haskell" "haskellPackages" "ocamlPackages" "perlPackages" "rubyPackages"
  "nodePackages" "nodePackages_latest" "luaPackages" "poetry2nix" "emacsPackages" "vimPlugins" "vscode-extensions" "coqPackages"
  "rPackages" "rWrapper" "rstudioWrapper" "texliveFull" "texliveSmall"
]
// refuse "everything here is Debian's glibc and GCC, for this system only. For other toolchains or systems ${real}" [
  "pkgsCross" "pkgsStatic" "pkgsMusl" "pkgsi686Linux" "pkgsLLVM" "llvmPackages" "llvmPackages_latest" "llvmPackages_18" "llvmPackages_19"
  "clangStdenv" "libcxxStdenv" "gcc13Stdenv" "stdenvAdapters" "overrideCC" "useMoldLinker" "ccacheStdenv" "linuxPackages"
  "linuxPackages_latest" "musl" "libiconv" "darwin" "xcbuild"
]
// refuse "take the repository as an input of the flake (inputs.NAME.url = \"git+https://…\"), which is fetched and locked. Or ${real}" [
  "fetchgit" "fetchGit" "fetchFromGitea" "fetchFromBitbucket" "fetchFromSourcehut" "fetchFromCodeberg" "fetchhg" "fetchsvn"
]
// refuse "put the patch into the project, and name it in `patches`. Or ${real}" [ "fetchpatch" "fetchpatch2" ]
// refuse "pkgs.patchelf sets an interpreter and a search path by hand. Or ${real}" [ "autoPatchelfHook" ]
// refuse "do what it does in a phase of the derivation (`preConfigure`, `postInstall`). Or ${real}" [
  "autoreconfHook" "versionCheckHook" "desktop-file-utils" "wrapGAppsHook3" "wrapGAppsHook" "pkgsHostTarget" "setupHooks" "makeSetupHook"
  "breakpointHook" "copyDesktopItems" "makeDesktopItem" "removeReferencesTo" "nix-update-script" "nix-gitignore" "mkBinaryCache"
  "mkNugetSource" "gitUpdater" "unstableGitUpdater" "cargo-c"
]
