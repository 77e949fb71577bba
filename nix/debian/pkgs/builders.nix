# nixpkgs' usual builders, as far as image flakes use them.
{ lib, pkgs, system }:
let
  inherit (import ./derivation.nix { inherit lib pkgs system; }) make shell attributes;
  inherit (attributes) runCommand;
  hook = name: runCommand name { } "mkdir $out";
in
attributes
// import ./writers.nix { inherit lib runCommand shell; }
// import ./joins.nix { inherit lib pkgs runCommand make; }
// import ./fetchers.nix { inherit lib; }
// import ./substitutes.nix { inherit lib pkgs runCommand; }
// {
  # build/setup.sh has what these bring to a build.
  makeWrapper = hook "make-wrapper";
  makeShellWrapper = pkgs.makeWrapper;
  makeBinaryWrapper = pkgs.makeWrapper;
  installShellFiles = hook "install-shell-files";

  emptyDirectory = runCommand "empty-directory" { } "mkdir $out";
  emptyFile = runCommand "empty-file" { } "touch $out";
  copyPathToStore = path: "${path}";
  applyPatches =
    { src, name ? "source-patched", patches ? [ ], prePatch ? "", postPatch ? "" }:
    pkgs.stdenvNoCC.mkDerivation {
      inherit name src patches prePatch postPatch;
      phases = "unpackPhase patchPhase installPhase";
      installPhase = "cp -R . $out";
    };
  srcOnly = drv: drv.src;

  callPackage = lib.callPackageWith pkgs;
  callPackages = lib.callPackagesWith pkgs;
  newScope = extra: lib.callPackageWith (pkgs // extra);
  makeScopeWithSplicing' = lib.makeScope pkgs.newScope;
}
