{
  description = "The names of nixpkgs that the checks use. Nothing in it is built when checks are evaluated.";
  outputs =
    { self }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      legacyPackages = builtins.listToAttrs (
        map (system: {
          name = system;
          value = import ./. { inherit system; };
        }) systems
      );
      lib = { };
    };
}
