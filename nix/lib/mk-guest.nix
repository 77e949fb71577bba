# mkGuest: arguments → the derivation of an image. All arguments are checked before anything is evaluated further.
{ system, nixpkgs }:
args:
let
  problems = import ./check.nix args;
  complete = import ./read.nix args;
  metadata = import ./metadata.nix {
    inherit system;
    args = complete;
  };
  image = import ./image/image.nix {
    inherit system metadata;
    args = complete;
    pkgs = nixpkgs.legacyPackages.${system};
  };
in
if problems != [ ] then
  throw (import ./mistakes.nix "mkGuest" args problems)
else
  image
  // {
    passthru = {
      mvm = metadata;
      # The original's names.
      resources = {
        inherit (complete) vcpus memory_mib;
      };
    };
    mvm = metadata;
    meta.description = "The microVM image ${complete.name}";
  }
