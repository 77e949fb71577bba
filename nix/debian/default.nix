# The package set: `import nixpkgs { inherit system; }`. Names and builders as in nixpkgs, contents from Debian.
{
  system ? builtins.currentSystem or (throw "nixpkgs (Debian stand-in): pass `system`, as in `import nixpkgs { inherit system; }`."),
  overlays ? [ ],
  config ? { },
  localSystem ? { inherit system; },
  ...
}:
let
  lib = import ./lib;
  this = if builtins.isAttrs localSystem then localSystem.system or system else localSystem;
  units = import ./pkgs/units.nix { inherit lib; system = this; };
  table = import ./pkgs/table.nix { inherit lib units; };
  base =
    self:
    let
      builders = import ./pkgs/builders.nix {
        inherit lib units;
        pkgs = self;
        system = this;
      };
    in
    import ./pkgs/absent.nix { inherit lib; }
    // table
    // import ./pkgs/aliases.nix { inherit units; pkgs = self; }
    // builders
    // {
      inherit lib config overlays;
      inherit (units) debian;
      # What these programs look for at a fixed place of a root file system: path → what it is to lead to.
      rootLinks."/usr/lib/locale/C.utf8" = "${self.glibcLocales}/lib/locale/C.utf8";
      system = this;
      pkgs = self;
      path = ./.;
      hostPlatform = self.stdenv.hostPlatform;
      buildPlatform = self.stdenv.hostPlatform;
      targetPlatform = self.stdenv.hostPlatform;
      extend = overlay: import ./. { localSystem = this; inherit config; overlays = overlays ++ [ overlay ]; };
    };
in
lib.fix (lib.foldl (lib.flip lib.extends) base overlays)
