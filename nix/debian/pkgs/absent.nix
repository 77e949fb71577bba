# Well-known names of nixpkgs that Debian can't stand in for, so that asking for one says what to do. As in
# nixpkgs, `pkgs ? name` is true for them; for a name that neither has, Nix itself names the nearest.
{ lib }:
builtins.mapAttrs
  (
    name: why:
    throw "nixpkgs (Debian stand-in): there is no pkgs.${name}: ${why}"
  )
  (
    lib.genAttrs [
      "docker" "docker-compose" "podman" "kubectl" "kubernetes-helm" "k9s" "minikube" "terraform" "opentofu" "awscli2"
      "google-cloud-sdk" "azure-cli" "vault" "consul" "nomad" "packer" "firefox" "chromium" "google-chrome" "vscode"
      "deno" "bun" "zig" "elixir" "erlang" "ghc" "cabal-install" "stack" "ocaml" "opam" "scala" "sbt" "kotlin" "dart"
      "flutter" "julia" "R" "octave" "nim" "crystal" "gleam" "racket" "clojure" "leiningen" "emacs" "helix" "zellij"
      "lazygit" "lazydocker" "starship" "nushell" "mongodb" "mysql80" "clickhouse" "elasticsearch" "rabbitmq-server"
      "kafka" "apacheKafka" "etcd" "minio" "prometheus" "grafana" "traefik" "envoy" "uv" "ruff" "poetry" "pdm" "hatch"
      "pnpm" "yarn" "typescript" "esbuild" "biome" "prettier" "rust-analyzer" "rustup" "clippy" "rustfmt" "gopls"
      "golangci-lint" "delve" "protobuf" "buf" "grpcurl" "nix" "nixfmt" "nil" "nixd" "direnv-nix" "cachix" "pre-commit"
      "actionlint" "hadolint" "act" "yq" "yq-go" "dasel" "gron" "jless" "fx" "httpie" "xh" "websocat" "mitmproxy"
      "wireshark" "tshark" "qemu" "libvirt" "firecracker" "cloud-hypervisor" "crosvm" "ffmpeg" "imagemagick" "pandoc"
      "graphviz" "texlive" "hugo" "zola" "clang" "llvm" "lld" "lldb" "clang-tools" "bazel" "meson" "gradle" "ant" "maven"
      "valgrind" "perf" "bpftrace" "sops" "age" "tailscale" "wireguard-tools" "openvpn" "mercurial" "subversion" "jujutsu"
    ] (name: "this set has only what its table names. Take Debian's package by its own name, written out as pkgs.debian.<package>, or use the real nixpkgs: leave `--nixpkgs debian` out.")
    // lib.genAttrs [
      "dockerTools" "nixosTest" "testers" "nixos" "buildFHSEnv" "buildNpmPackage" "buildPythonPackage"
      "buildPythonApplication" "rustPlatform" "python3Packages" "python313Packages" "nodePackages" "perlPackages"
      "rubyPackages" "haskellPackages" "ocamlPackages" "linuxPackages" "pkgsCross" "pkgsStatic" "pkgsMusl"
      "fetchFromGitHub" "fetchgit" "fetchFromGitLab" "fetchpatch" "fetchzip" "makeWrapper" "llvmPackages" "writers"
      "nixosOptionsDoc" "crateBuilder" "poetry2nix" "emacsPackages" "vimPlugins" "vscode-extensions" "makeRustPlatform"
    ] (name: "it builds from source or from a language's own packages, which takes the real nixpkgs: leave `--nixpkgs debian` out.")
  )
