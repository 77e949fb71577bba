# A derivation dressed as nixpkgs' packages are: version, meta, outputs, override.
{ lib, system }:
{
  package =
    {
      drv,
      pname,
      version,
      main,
      debs ? [ pname ],
    }:
    let
      refuse =
        what: _:
        throw "nixpkgs (Debian stand-in): ${pname} comes ready-made from Debian, so `${what}` can't change how it is built. Use it as it is, wrap it (pkgs.symlinkJoin, pkgs.writeShellScriptBin), or use the real nixpkgs.";
      self = drv // {
        inherit pname version;
        meta = {
          mainProgram = main;
          description = "${pname} from Debian (${lib.concatStringsSep ", " debs})";
          platforms = [ system ];
          available = true;
          broken = false;
          unsupported = false;
          insecure = false;
          license = { };
          outputsToInstall = [ "out" ];
        };
        passthru = { inherit debs; };
        outputs = [ "out" ];
        override = refuse "override";
        overrideAttrs = refuse "overrideAttrs";
        overrideDerivation = refuse "overrideDerivation";
      }
      # Debian's packages are merged into one path; nixpkgs' outputs all lead to it.
      // lib.genAttrs [ "out" "bin" "dev" "lib" "man" "doc" "terminfo" "data" "static" ] (_: drv // { inherit pname version; inherit (self) meta; });
    in
    self;
}
