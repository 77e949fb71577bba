{
  description = "A stand-in for nixpkgs, made of Debian packages";
  outputs =
    { self }:
    let
      lib = import ./lib;
      refuse = name: throw "nixpkgs (Debian stand-in): there is no nixpkgs.${name}: it has no NixOS modules. Use the real nixpkgs: leave `--nixpkgs debian` out.";
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import ./. { inherit system; });
      nixosModules = refuse "nixosModules";
    };
}
