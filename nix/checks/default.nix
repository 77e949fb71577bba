# What `nix flake check` evaluates. A check that fails throws: which case, what was expected, what came.
{
  system,
  nixpkgs,
  mkGuest,
  mkGuestReference,
}:
let
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
  reference =
    if builtins.readFile ../../docs/guide/mkguest.md == mkGuestReference then
      [ ]
    else
      [ "docs/guide/mkguest.md is not what the tables say: nix eval --raw .#lib.${system}.mkGuestReference > docs/guide/mkguest.md" ];
}
