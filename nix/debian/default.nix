# The package set: `import nixpkgs { inherit system; }`. Names and builders as in nixpkgs, contents from Debian.
{
  system ? builtins.currentSystem or (throw "nixpkgs (Debian stand-in): pass `system`, as in `import nixpkgs { inherit system; }`."),
  overlays ? [ ],
  config ? { },
  localSystem ? { inherit system; },
  crossSystem ? null,
  ...
}:
let
  lib = import ./lib;
  this = if builtins.isAttrs localSystem then localSystem.system or system else localSystem;
  cross = crossSystem.system or crossSystem;
  # An overlay of the configuration.
  configured = if builtins.isFunction config then config { inherit lib; pkgs = packages; } else config;
  overridden = lib.optional (configured ? packageOverrides) (_: previous: configured.packageOverrides previous);
  base =
    self:
    let
      builders = import ./pkgs/builders.nix {
        inherit lib;
        pkgs = self;
        system = this;
      };
      units = import ./pkgs/units.nix { inherit lib; inherit (builders) runCommand; system = this; };
      # Names that are refused, with the words of it.
      refusals = import ./pkgs/absent.nix { inherit lib; } // import ./pkgs/versions.nix { inherit lib; pkgs = self; };
    in
    builtins.mapAttrs (_: message: throw message) refusals
    // import ./pkgs/table.nix { inherit lib units; }
    // import ./pkgs/aliases.nix { inherit lib units; pkgs = self; }
    // import ./pkgs/python.nix { inherit lib units; pkgs = self; }
    // import ./pkgs/node.nix { inherit lib units; pkgs = self; }
    // builders
    // {
      inherit lib overlays refusals;
      config = configured;
      inherit (units) debian;
      # What these programs look for at a fixed place of a root file system: path → what it is to lead to.
      rootLinks."/usr/lib/locale/C.utf8" = "${self.glibcLocales}/lib/locale/C.utf8";
      system = this;
      pkgs = self;
      path = ./.;
      hostPlatform = self.stdenv.hostPlatform;
      buildPlatform = self.stdenv.hostPlatform;
      targetPlatform = self.stdenv.hostPlatform;
      extend = overlay: self.appendOverlays [ overlay ];
      appendOverlays = more: import ./. { localSystem = this; inherit config; overlays = overlays ++ more; };
    };
  packages = lib.fix (builtins.foldl' (lib.flip lib.extends) base (overridden ++ overlays));
in
if cross != null && cross != this then
  throw "nixpkgs (Debian stand-in): crossSystem is not supported. Take the packages of that system (import nixpkgs { system = \"aarch64-linux\"; }), or use the real nixpkgs: leave `--nixpkgs debian` out."
else
  packages
