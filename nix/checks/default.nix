# What `nix flake check` evaluates; a check that fails throws: which case, what came, what was expected. With no network:
# nix flake check --all-systems --no-build --no-write-lock-file --override-input nixpkgs path:nix/checks/fake-nixpkgs
{
  system,
  nixpkgs,
  lib,
}:
let
  inherit (lib) mkGuest mkGuestReference;
  inherit (builtins) concatStringsSep mapAttrs;
  pkgs = nixpkgs.legacyPackages.${system};
  passed =
    name: problems:
    if problems != [ ] then
      throw "check ${name}:\n${concatStringsSep "\n" problems}"
    else
      derivation {
        name = "mvm-check-${name}";
        inherit system;
        builder = "${pkgs.busybox}/bin/busybox";
        args = [
          "sh"
          "-c"
          "echo passed >\"$out\""
        ];
      };
in
mapAttrs passed {
  errors = import ./errors.nix;
  nearest = import ./nearest.nix;
  metadata = import ./metadata.nix { inherit mkGuest system; };
  guest = import ./guest.nix { inherit mkGuest; };
  original = import ./original.nix { inherit lib mkGuest pkgs system; };
  services = import ./services.nix { inherit mkGuest; };
  reference =
    if builtins.readFile ../../docs/guide/mkguest.md == mkGuestReference then
      [ ]
    else
      [
        "docs/guide/mkguest.md is old: nix eval --raw .#lib.${system}.mkGuestReference > docs/guide/mkguest.md"
      ];
}
