# The functions of nixpkgs' lib that image and project flakes use. What is missing says so.
let
  parts = map (file: import file lib) [
    ./attrs.nix
    ./lists.nix
    ./strings.nix
    ./generators.nix
    ./packages.nix
    ./systems.nix
    ./functions.nix
    ./sources.nix
    ./filesets.nix
  ];
  flat = builtins.foldl' (all: part: all // part) { } parts;
  absent =
    name:
    throw "nixpkgs.lib.${name}: this nixpkgs is mvm's stand-in made of Debian packages, which has no NixOS modules. Give mkGuest its arguments directly, or use the real nixpkgs: leave `--nixpkgs debian` out.";
  lib = flat // builtins.listToAttrs (
    map (name: { inherit name; value = absent name; }) [
      "nixosSystem" "nixos" "evalModules" "types" "modules" "options" "mkOption" "mkEnableOption" "mkPackageOption" "mkIf" "mkMerge"
      "mkForce" "mkDefault" "mkOverride" "mkVMOverride" "mkImageMediaOverride" "mkOptionDefault" "mkOrder" "mkBefore" "mkAfter"
      "mkAliasOptionModule" "mkRenamedOptionModule" "mkRemovedOptionModule" "mkSinkUndeclaredOptions" "showOption" "literalExpression"
      "mdDoc" "gvariant" "homeManagerConfiguration"
    ]
  ) // {
    attrsets = flat;
    lists = flat;
    strings = flat;
    trivial = flat;
    customisation = flat;
    derivations = flat;
    meta = flat;
    fixedPoints = flat;
    debug = flat;
    sources = flat;
    asserts = flat;
    versions = flat;
    extend = overlay: lib // overlay lib lib;
  };
in
lib
