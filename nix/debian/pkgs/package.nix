# A derivation dressed as nixpkgs' packages are: version, meta, outputs, override.
{ lib, system, runCommand }:
let
  # Attributes of a derivation that don't change what is in a package that comes ready-made.
  harmless = [ "meta" "passthru" "doCheck" "doInstallCheck" "strictDeps" "enableParallelBuilding" ];
  # Shell code that nixpkgs runs on what was installed; here, on a copy.
  hooks = [ "postInstall" "preFixup" "postFixup" ];
  package =
    {
      drv,
      pname,
      version,
      main,
      debs ? [ pname ],
      needed ? [ ],
      meta ? { },
      passthru ? { },
      # Of a changed one: the hooks, and what it was before.
      changes ? { },
      original ? drv,
    }@args:
    let
      refuse =
        what: way:
        throw "nixpkgs (Debian stand-in): ${pname} comes ready-made from Debian, so `${what}` can't change how it is built. ${way}, or use the real nixpkgs: leave `--nixpkgs debian` out.";
      wrap = "Use it as it is, wrap it (pkgs.symlinkJoin, pkgs.writeShellScriptBin)";
      old = {
        inherit pname version;
        name = "${pname}-${version}";
        inherit (self) meta passthru;
        patches = [ ];
        buildInputs = [ ];
        nativeBuildInputs = [ ];
      } // changes;
      # A change that says what is so anyway changes nothing.
      overrideAttrs =
        change:
        let
          once = if builtins.isFunction change then change old else change;
          given = if builtins.isFunction once then change old old else once;
          told = lib.filterAttrs (name: value: !(old ? ${name}) || old.${name} != value) given;
          foreign = builtins.filter (name: !builtins.elem name (harmless ++ hooks ++ [ "nativeBuildInputs" "buildInputs" ])) (
            builtins.attrNames told
          );
          wanted = changes // builtins.intersectAttrs (lib.genAttrs hooks (_: 0)) told;
          inputs = lib.flatten (map (name: given.${name} or [ ]) [ "nativeBuildInputs" "buildInputs" ]);
          changed = runCommand "${pname}-${version}" { nativeBuildInputs = inputs; } (''
            cp -R --no-preserve=mode,ownership ${original} $out
            (cd ${original}; find . -type f -perm -0100 -print0) | (cd $out; xargs -0r chmod +x)
          '' + lib.concatMapStrings (name: wanted.${name} or "" + "\n") hooks);
        in
        if foreign != [ ] then
          refuse "overrideAttrs" "It takes ${lib.concatStringsSep ", " (hooks ++ [ "meta" "passthru" ])} only, not ${lib.concatStringsSep ", " foreign}. ${wrap}"
        else
          package (
            args
            // {
              meta = meta // (told.meta or { });
              passthru = passthru // (told.passthru or { });
              changes = wanted;
              inherit original;
            }
            // lib.optionalAttrs (wanted != { }) { drv = changed; }
          );
      self = drv // passthru // {
        inherit pname version overrideAttrs;
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
        }
        // meta;
        passthru = { inherit debs needed; } // passthru;
        outputs = [ "out" ];
        override = change: if change == { } then self else refuse "override" wrap;
        overrideDerivation = _: refuse "overrideDerivation" wrap;
      }
      # Debian's packages are merged into one path; nixpkgs' outputs all lead to it.
      // lib.genAttrs [ "out" "bin" "dev" "lib" "man" "doc" "terminfo" "data" "static" ] (_: drv // { inherit pname version; inherit (self) meta; });
    in
    self;
in
{
  inherit package;
}
