# The agent and the kernel of mvm: `prebuilt/<system>/`, which mvmctl puts next to the flake that it supplies, else built from source.
# `sealed` asks for the agent that has no console and no exec in it.
{ pkgs, system, sealed }:
let
  folder = ../../prebuilt + "/${system}";
  has = file: builtins.pathExists (folder + "/${file}");
  program = if sealed then "init-sealed" else "init";
  source =
    needs: make:
    # A set made of Debian packages has names that it refuses.
    if pkgs ? ${needs} && !((pkgs.refusals or { }) ? ${needs}) then
      make
    else
      throw (
        "mkGuest: this package set can't compile (it has no ${needs}), and the mvm flake has no prebuilt/${system}. "
        + "Build with `mvmctl build`, which brings it, or with nixpkgs."
      );
in
{
  agent =
    if has program then
      "${folder + "/${program}"}"
    else if has "init" then
      throw "mkGuest: the mvm flake has prebuilt/${system}/init, but no ${program}: this image is sealed. Update mvmctl."
    else
      "${source "buildGoModule" (import ./agent.nix { inherit pkgs sealed; })}/bin/mvm-init";
  # A kernel bundle (ARCHITECTURE.md).
  kernel = if has "kernel" then "${folder}" else "${source "linux" (import ./kernel.nix { inherit pkgs system; })}";
}
