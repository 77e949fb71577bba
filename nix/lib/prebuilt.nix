# The agent and the kernel of mvm: `prebuilt/<system>/`, which mvmctl puts beside the flake it brings along, else from source.
{ pkgs, system }:
let
  folder = ../../prebuilt + "/${system}";
  found = builtins.pathExists (folder + "/init");
  source =
    needs: file:
    if pkgs ? ${needs} then
      import file { inherit pkgs system; }
    else
      throw (
        "mkGuest: this package set can't compile (it has no ${needs}), and the mvm flake has no prebuilt/${system}. "
        + "Build with `mvmctl build`, which brings it, or with nixpkgs."
      );
in
{
  agent = if found then "${folder + "/init"}" else "${source "buildGoModule" ./agent.nix}/bin/mvm-init";
  # A kernel bundle (ARCHITECTURE.md).
  kernel = if found then "${folder}" else "${source "linux" ./kernel.nix}";
}
