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
        # Production image — what `mvmctl up` builds.
        default = mvm.lib.${system}.mkGuest {
          name = "my-app";
          entrypoint.command = [ "/usr/local/bin/serve" ];
        };
        # Dev image — what `mvmctl dev up` builds.
        dev = mvm.lib.${system}.mkGuest {
          name = "my-app-dev";
          # entrypoint.shell auto-infers `dev = true` (accessible).
          # `mvmctl console <vm>` attaches via vsock.
          entrypoint.shell = "/bin/bash";
          # Anything in nixpkgs.
          packages = with pkgs; [
            git
            jq
            ripgrep
            python3
          ];
          # Optional: per-tenant defaults; mvm.toml overrides at run time.
          vcpus = 2;
          memory_mib = 1024;
        };
      };
    };
}
