# Builders that join folders.
{ lib, pkgs, runCommand, make }:
let
  joinPaths = paths: lib.concatMapStrings (path: "${path}\n") (builtins.filter (path: path != null) (lib.flatten paths));
  join = ''
    mkdir -p "$out"
    while read -r path; do
      [ -d "$path" ] || { echo "$name: $path is not a folder" >&2; exit 1; }
      for below in $pathsToLink; do
        [ -e "$path$below" ] || continue
        mkdir -p "$out$below"
        # Earlier paths win; an entry that is a link to a folder in one and a folder in another stays a link.
        if ! cp -rs --update=none --no-preserve=mode "$path$below/." "$out$below/" 2>"$TMPDIR/join.err"; then
          if grep -v 'cannot overwrite' "$TMPDIR/join.err" >&2; then exit 1; fi
        fi
      done
    done <"$pathListPath"
    rm -rf "$out/nix-support"
  '';
in
{
  symlinkJoin =
    args@{
      name ? if args ? version then "${args.pname}-${args.version}" else args.pname,
      paths,
      postBuild ? "",
      stripPrefix ? "",
      ...
    }:
    runCommand name
      (
        builtins.removeAttrs args [ "name" "paths" "postBuild" "stripPrefix" "failOnMissing" ]
        // {
          pathList = if stripPrefix == "" then joinPaths paths else joinPaths (map (path: "${path}${stripPrefix}") (lib.flatten paths));
          pathsToLink = "/.";
          passAsFile = [ "pathList" ];
        }
      )
      (join + postBuild);
  buildEnv =
    args@{
      name ? if args ? version then "${args.pname}-${args.version}" else args.pname,
      paths,
      pathsToLink ? [ "/" ],
      postBuild ? "",
      extraPrefix ? "",
      ...
    }:
    runCommand name
      (
        builtins.removeAttrs args [
          "name" "paths" "pathsToLink" "postBuild" "extraPrefix" "extraOutputsToInstall" "ignoreCollisions"
          "ignoreSingleFileOutputs" "checkCollisionContents" "manifest" "includeClosures"
        ]
        // {
          pathList = joinPaths paths;
          pathsToLink = map (path: if path == "/" then "/." else path) pathsToLink;
          passAsFile = [ "pathList" ];
        }
      )
      (lib.optionalString (extraPrefix != "") ''realOut=$out; out=$out${extraPrefix}
        '' + join + lib.optionalString (extraPrefix != "") "out=$realOut\n" + postBuild);
  linkFarm =
    name: entries:
    let
      list = if builtins.isAttrs entries then lib.mapAttrsToList (name: path: { inherit name path; }) entries else entries;
    in
    runCommand name { } (
      "mkdir -p $out; cd $out\n"
      + lib.concatMapStrings (entry: ''
        mkdir -p "$(dirname ${lib.escapeShellArg entry.name})"
        ln -s ${lib.escapeShellArg "${entry.path}"} ${lib.escapeShellArg entry.name}
      '') list
    );
  linkFarmFromDrvs = name: drvs: pkgs.linkFarm name (map (drv: { inherit (drv) name; path = drv; }) drvs);

  closureInfo =
    { rootPaths }:
    make { tools = [ pkgs.jq ]; } {
      name = "closure-info";
      __structuredAttrs = true;
      exportReferencesGraph.closure = map toString (lib.toList rootPaths);
      buildCommand = ''
        mkdir -p "$out"
        jq -r '.closure | sort_by(.path) | .[].path' "$NIX_ATTRS_JSON_FILE" >"$out/store-paths"
        jq -r '.closure | map(.narSize) | add // 0' "$NIX_ATTRS_JSON_FILE" >"$out/total-nar-size"
        jq -r '.closure | sort_by(.path) | .[] | [.path, .narHash, .narSize, "", (.references | length)] + .references | .[]' "$NIX_ATTRS_JSON_FILE" >"$out/registration"
      '';
    };
  writeClosure = paths: runCommand "closure-paths" { } "cp ${pkgs.closureInfo { rootPaths = paths; }}/store-paths $out";
  writeReferencesToFile = path: pkgs.writeClosure [ path ];
}
