# What flakes call of nixpkgs, evaluated and not built: `nix-instantiate --eval --strict --read-write-mode` gives the names of what is wrong.
{
  system ? builtins.currentSystem,
}:
let
  pkgs = import ./. { inherit system; };
  inherit (pkgs) lib;
  refuses = value: !(builtins.tryEval (builtins.deepSeq (value.drvPath or value) null)).success;
  builds = value: lib.hasSuffix ".drv" value.drvPath;
  overlaid = import ./. {
    inherit system;
    config.allowUnfree = true;
    overlays = [
      (final: previous: { one = previous.jq.pname; hello = final.stdenv.mkDerivation { pname = "hello"; version = "1"; }; })
      (_: previous: {
        hello = previous.hello.overrideAttrs (old: { version = "${old.version}.1"; });
        jq = previous.jq.overrideAttrs (old: { postInstall = (old.postInstall or "") + "rm -r $out/share"; });
      })
    ];
  };
  scope = lib.makeScope pkgs.newScope (self: { a = 1; b = self.callPackage ({ a, jq }: { inherit a jq; }) { }; });
  tests = {
    asks-no-binary-cache = lib.all (
      item: lib.hasInfix ''("allowSubstitutes","")'' (builtins.readFile (builtins.unsafeDiscardStringContext item.drvPath))
    ) [ pkgs.jq (pkgs.writeText "a" "b") (pkgs.fetchurl { url = "https://example.org/a"; sha256 = lib.fakeSha256; }) ];
    run-command = builds (pkgs.runCommand "x" { nativeBuildInputs = [ pkgs.jq ]; } "touch $out");
    run-command-local = builds (pkgs.runCommandLocal "x" { } "touch $out");
    write-text = builds (pkgs.writeText "a" "b") && builds (pkgs.writeTextDir "a/b" "c") && builds (pkgs.writeScriptBin "a" "b");
    write-text-file = (pkgs.writeTextFile { name = "a"; text = ""; executable = true; destination = "/bin/a"; }).meta.mainProgram == "a";
    write-shell-application = (pkgs.writeShellApplication { name = "a"; text = ""; runtimeInputs = [ pkgs.jq ]; }).meta.mainProgram == "a";
    write-shell-script-bin = lib.hasSuffix "/bin/a" (lib.getExe (pkgs.writeShellScriptBin "a" "true"));
    build-env = builds (pkgs.buildEnv { name = "tools"; paths = [ pkgs.jq ]; ignoreCollisions = true; });
    symlink-join = builds (pkgs.symlinkJoin { name = "a"; paths = [ pkgs.jq ]; nativeBuildInputs = [ pkgs.makeWrapper ]; });
    link-farm = builds (pkgs.linkFarm "a" [ { name = "b"; path = pkgs.jq; } ]);
    get-exe = lib.getExe pkgs.ripgrep == "${pkgs.ripgrep}/bin/rg" && lib.getExe' pkgs.coreutils "ls" == "${pkgs.coreutils}/bin/ls";
    make-bin-path = lib.makeBinPath [ pkgs.jq ] == "${pkgs.jq}/bin";
    optionals = lib.optionals pkgs.stdenv.isLinux [ 1 ] == [ 1 ] && lib.optionals pkgs.stdenv.isDarwin [ 1 ] == [ ];
    gen-attrs = lib.genAttrs [ "a" ] (name: name + "1") == { a = "a1"; };
    map-attrs = lib.mapAttrs' (name: lib.nameValuePair "${name}x") { a = 1; } == { ax = 1; };
    recursive-update = lib.recursiveUpdate { a.b = 1; a.c = 2; } { a.b = 3; } == { a.b = 3; a.c = 2; };
    filter-recursive = lib.filterAttrsRecursive (_: value: value != null) { a = null; b.c = null; b.d = 1; } == { b.d = 1; };
    update-many = lib.updateManyAttrsByPath [ { path = [ "a" "b" ]; update = old: old + 1; } ] { a.b = 1; c = 2; } == { a.b = 2; c = 2; };
    fetchurl = (pkgs.fetchurl { url = "https://example.org/a.tar.gz"; hash = lib.fakeHash; }).name == "a.tar.gz";
    fetchurl-sha256 = builds (pkgs.fetchurl { url = "https://example.org/a"; sha256 = lib.fakeSha256; });
    fetchurl-without-hash = refuses (pkgs.fetchurl { url = "https://example.org/a"; });
    fetchurl-with-more = refuses (pkgs.fetchurl { url = "https://example.org/a"; hash = lib.fakeHash; postFetch = "x"; });
    fetch-from-github = (pkgs.fetchFromGitHub { owner = "a"; repo = "b"; rev = "1"; hash = lib.fakeHash; }).rev == "1";
    fetch-submodules = refuses (pkgs.fetchFromGitHub { owner = "a"; repo = "b"; rev = "1"; hash = ""; fetchSubmodules = true; });
    mk-derivation = builds (pkgs.stdenv.mkDerivation { pname = "a"; version = "1"; src = ./.; });
    final-attrs = (pkgs.stdenv.mkDerivation (final: { pname = "a"; version = "1"; passthru.tag = "v${final.version}"; })).tag == "v1";
    override-attrs-final =
      ((pkgs.stdenv.mkDerivation (final: { pname = "a"; version = "1"; passthru.tag = final.version; })).overrideAttrs { version = "2"; }).tag == "2";
    override-attrs-two = ((pkgs.stdenv.mkDerivation { name = "a"; }).overrideAttrs (final: old: { name = old.name + "b"; })).name == "ab";
    overlays = overlaid.one == "jq" && overlaid.hello.name == "hello-1.1" && overlaid.config.allowUnfree;
    overlay-hooks = builds overlaid.jq && overlaid.jq.drvPath != pkgs.jq.drvPath;
    package-override-attrs = refuses (pkgs.jq.overrideAttrs { version = "2"; });
    package-override-src = refuses (pkgs.jq.overrideAttrs (old: { src = ./.; }));
    package-override-meta = (pkgs.jq.overrideAttrs (old: { meta = old.meta // { priority = 1; }; })).drvPath == pkgs.jq.drvPath;
    package-overrides = (import ./. { inherit system; config.packageOverrides = old: { two = old.jq; }; }).two.pname == "jq";
    cross = refuses (import ./. { inherit system; crossSystem = "riscv64-linux"; });
    extend = (pkgs.extend (_: _: { two = 2; })).two == 2;
    mk-shell = builds (pkgs.mkShell { packages = [ pkgs.jq ]; inputsFrom = [ overlaid.hello ]; shellHook = "true"; });
    mk-shell-override = builds (pkgs.mkShell.override { stdenv = pkgs.stdenvNoCC; } { });
    legacy-packages = (import ./flake.nix).outputs { self = { }; } ? legacyPackages.${system};
    call-package = (pkgs.callPackage ({ jq, lib, x ? 1 }: { inherit jq x; }) { x = 2; }).override { x = 3; } ? jq;
    call-packages = pkgs.callPackages ({ jq }: { inherit jq; }) { } ? jq;
    call-package-absent = refuses (pkgs.callPackage ({ nosuchthing }: nosuchthing) { });
    new-scope = pkgs.newScope { x = 1; } ({ x }: { y = x; }) { } ? y && scope.b.a == 1;
    fileset = builtins.attrNames (builtins.readDir (lib.fileset.toSource { root = ./.; fileset = lib.fileset.unions [ ./flake.nix ./lib ]; })) == [ "flake.nix" "lib" ];
    fileset-filter =
      builtins.attrNames (
        builtins.readDir (lib.fileset.toSource { root = ./.; fileset = lib.fileset.difference (lib.fileset.fileFilter (file: file.hasExt "nix") ./.) ./lib; })
      ) == [ "checks.nix" "default.nix" "evaluation.nix" "flake.nix" "pkgs" "programs.nix" ];
    fileset-string = refuses (lib.fileset.toSource { root = ./.; fileset = "a"; });
    fileset-missing = refuses (lib.fileset.toSource { root = ./.; fileset = ./nosuch; });
    clean-source =
      (lib.cleanSourceWith { src = lib.cleanSource ./.; filter = path: _: baseNameOf path == "flake.nix"; }).outPath
      == (lib.sources.sourceByRegex ./. [ "flake\\.nix" ]).outPath;
    by-suffix = builtins.attrNames (builtins.readDir (lib.sourceFilesBySuffices ./lib [ "attrs.nix" ])) == [ "attrs.nix" ];
    systems = lib.systems.elaborate system == pkgs.stdenv.hostPlatform || (lib.systems.elaborate system).system == system;
    system = pkgs.system == system && pkgs.stdenv.hostPlatform.system == system && pkgs.stdenv.isLinux && !pkgs.stdenv.isDarwin;
    python = builds (pkgs.python3.withPackages (ps: [ ps.pip ])) && refuses (pkgs.python3.withPackages (ps: [ ps.tensorflow ]));
    python-absent = pkgs.python3Packages ? requests && refuses pkgs.python3Packages.buildPythonPackage && pkgs.python3.pkgs ? numpy;
    nodejs = builds pkgs.nodejs && pkgs.nodejs_20 == pkgs.nodejs && lib.getExe pkgs.nodejs == "${pkgs.nodejs}/bin/node";
    replace-vars = builds (pkgs.replaceVars ./checks.nix { a = "b"; }) && builds (pkgs.substituteAll { src = ./checks.nix; a = "b"; });
    formats = builds ((pkgs.formats.json { }).generate "a.json" { a = 1; }) && builds (pkgs.writers.writeJSON "a" { });
    toml = lib.generators.toTOML { a = 1; b.c = [ "x" true ]; } == "a = 1\nb = { c = [\"x\", true] }\n";
    ini = lib.generators.toINI { } { a.b = true; } == "[a]\nb=true\n";
    modules = refuses lib.nixosSystem && refuses lib.mkOption && refuses lib.types;
    near = lib.nearestOf "ripgerp" pkgs == " (near it: ripgrep)";
    docker-tools = refuses pkgs.dockerTools && refuses pkgs.buildNpmPackage && refuses pkgs.buildGoModule && refuses pkgs.rustPlatform;
    by-name = builtins.all (name: !(pkgs.refusals ? ${name}) && pkgs ? ${name}) (builtins.attrNames (lib.importJSON ./by-name.json));
    versions = refuses pkgs.nodejs_22 && refuses pkgs.python311 && refuses pkgs.go_1_22 && refuses pkgs.postgresql_15 && refuses pkgs.jdk17;
  };
  # Each says which name, and what to do instead.
  words = lib.mapAttrs' (
    name: message: lib.nameValuePair "refusal-of-${name}" (lib.hasInfix "pkgs.${name}:" message && lib.hasInfix "use the real nixpkgs" message)
  ) pkgs.refusals;
in
builtins.filter (name: !(tests // words).${name}) (builtins.attrNames (tests // words))
