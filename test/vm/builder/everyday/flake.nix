# What flakes of development shells call of nixpkgs, in one image.
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.mvm.url = "github:tinylabscom/mvm";
  outputs =
    { nixpkgs, mvm, ... }:
    let
      system = "x86_64-linux";
      pkgs = import nixpkgs {
        inherit system;
        config.allowUnfree = true;
        overlays = [
          (final: previous: {
            # Without a compiler, whose packages are minutes of work for an emulated builder.
            count = final.stdenvNoCC.mkDerivation (self: {
              pname = "count";
              version = "1.0";
              src = lib.fileset.toSource {
                root = ./.;
                fileset = lib.fileset.unions [ ./count.sh ];
              };
              nativeBuildInputs = [ final.makeWrapper ];
              installPhase = "install -D count.sh $out/bin/count; substituteAllInPlace $out/bin/count";
              postFixup = "wrapProgram $out/bin/count --prefix PATH : ${lib.makeBinPath [ final.jq ]}";
            });
          })
          (_: previous: { count = previous.count.overrideAttrs (old: { version = "${old.version}.1"; }); })
        ];
      };
      inherit (nixpkgs) lib;
      greet = pkgs.writeShellApplication {
        name = "greet";
        runtimeInputs = [ pkgs.jq ];
        text = ''jq -rn --arg who "$1" '"hello " + $who' '';
      };
    in
    {
      packages.${system}.dev = mvm.lib.${system}.mkGuest {
        name = "everyday";
        entrypoint.shell = "/bin/bash";
        packages = [
          (pkgs.python3.withPackages (ps: with ps; [ requests pyyaml ]))
          (pkgs.buildEnv {
            name = "tools";
            paths = [ pkgs.hello pkgs.ncurses ];
          })
          (pkgs.symlinkJoin {
            name = "own";
            paths = [ pkgs.count greet ];
          })
        ];
        extraFiles."/etc/everyday.json".source = (pkgs.formats.json { }).generate "everyday.json" (
          lib.mapAttrs' (name: lib.nameValuePair "${name}-count") { a = 1; }
        );
      };
      devShells.${system}.default = pkgs.mkShell { packages = [ greet ]; };
    };
}
