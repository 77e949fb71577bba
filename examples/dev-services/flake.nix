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
          entrypoint.shell = "/bin/bash";
          services.postgres = {
            command = [
              "${pkgs.postgresql}/bin/postgres"
              "-D"
              "/var/lib/postgresql/data"
            ];
            restart = "always";
          };
          services.redis = {
            command = [ "${pkgs.redis}/bin/redis-server" ];
          };
          packages = with pkgs; [
            postgresql
            redis
          ];
        };
      };
    };
}
