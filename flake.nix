{
  description = "Declarations that become microVMs";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      each =
        make:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = make system;
          }) systems
        );
    in
    {
      lib = each (system: import ./nix/lib { inherit system nixpkgs; });
      packages = each (system: {
        minimal = import ./nix/profiles/minimal.nix { inherit (self.lib.${system}) mkGuest; };
      });
      checks = each (
        system:
        import ./nix/checks {
          inherit system nixpkgs;
          lib = self.lib.${system};
        }
      );
    };
}
