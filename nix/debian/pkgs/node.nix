# nodejs with npm and npx, as in nixpkgs; nodejs-slim is Node alone.
{ lib, pkgs, units }:
let
  slim = pkgs.nodejs-slim;
  joined = pkgs.symlinkJoin {
    name = "nodejs-${slim.version}";
    paths = [ slim pkgs.npm ];
  };
in
{
  nodejs = units.package {
    drv = joined;
    pname = "nodejs";
    inherit (slim) version;
    main = "node";
    debs = [ "nodejs" "npm" ];
  };
}
