{
  description = "A web server, sealed for production and accessible for its developers";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    mvm.url = "github:tinylabscom/mvm";
  };

  outputs =
    {
      self,
      nixpkgs,
      mvm,
    }:
    let
      each = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
      ];
    in
    {
      packages = each (
        system:
        let
          pkgs = nixpkgs.legacyPackages.${system};
          guest = {
            name = "my-app";
            entrypoint.command = [
              "${pkgs.python3}/bin/python3"
              "-u"
              "${./serve.py}"
            ];
            services.redis.command = [ "${pkgs.redis}/bin/redis-server" ];
            env.PORT = 8080;
            ports = [ 8080 ];
            healthChecks.web = {
              port = 8080;
              interval = 10;
            };
            volumes = [ "/var/lib/redis" ];
            vcpus = 1;
            memory_mib = 512;
          };
        in
        {
          # `mvmctl up`: no console, no exec, a verified root file system.
          default = mvm.lib.${system}.mkGuest guest;
          # `mvmctl dev up`: the same, with a console besides the program.
          dev = mvm.lib.${system}.mkGuest (
            guest
            // {
              dev = true;
              packages = [ pkgs.redis ];
            }
          );
        }
      );
    };
}
