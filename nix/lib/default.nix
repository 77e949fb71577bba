# The library for one system. `nixpkgs` is the flake input: its packages are the tools that images are made with.
{ system, nixpkgs }:
{
  mkGuest = import ./mk-guest.nix { inherit system nixpkgs; };
  # docs/guide/mkguest.md is this text.
  mkGuestReference = import ./schema/reference.nix;
}
// import ./original { inherit system; pkgs = nixpkgs.legacyPackages.${system}; }
