# The functions of nixpkgs' lib that image and project flakes use. What is missing says so.
let
  parts = map (file: import file lib) [
    ./attrs.nix
    ./lists.nix
    ./strings.nix
    ./packages.nix
    ./functions.nix
    ./sources.nix
  ];
  flat = builtins.foldl' (all: part: all // part) { } parts;
  absent =
    name:
    throw "nixpkgs.lib.${name}: this nixpkgs is mvm's stand-in made of Debian packages, which has no NixOS modules. Use the real nixpkgs: leave `--nixpkgs debian` out.";
  lib = flat // builtins.listToAttrs (
    map (name: { inherit name; value = absent name; }) [
      "nixosSystem" "evalModules" "mkOption" "mkEnableOption" "mkPackageOption" "mkIf" "mkMerge" "mkForce"
      "mkDefault" "mkOverride" "mkOrder" "mkBefore" "mkAfter" "types" "nixos" "modules" "options"
    ]
  ) // {
    attrsets = flat;
    lists = flat;
    strings = flat;
    trivial = flat;
    customisation = flat;
    meta = flat;
    fixedPoints = flat;
    debug = flat;
    sources = flat;
    asserts = flat;
    versions = flat;
  };
in
lib
