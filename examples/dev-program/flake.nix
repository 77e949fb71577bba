{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    mvm.url = "github:tinylabscom/mvm";
  };
  outputs =
    {
      self,
      nixpkgs,
      mvm,
      ...
    }:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs { inherit system; };
    in
    {
      packages.${system} = {
        dev = mvm.lib.${system}.mkGuest {
          name = "my-app-dev";
          entrypoint.command = [
            "/usr/local/bin/serve"
            "--debug"
          ];
          dev = true; # explicit override; auto-infer is `false` for command form
        };
      };
    };
}
