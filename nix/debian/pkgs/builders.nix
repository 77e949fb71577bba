# nixpkgs' usual builders, as far as image flakes use them.
{ lib, pkgs, units, system }:
let
  tools = with pkgs; [ coreutils findutils gnugrep gnused gawk gnutar gzip bzip2 xz diffutils patch bash ];
  shell = "${pkgs.bash}/bin/bash";
  refuse =
    name: what: _:
    throw "nixpkgs (Debian stand-in): ${name}.${what} is not supported; write the derivation with the changed arguments.";

  # A derivation run by bash with build/setup.sh. `args`: anything that `derivation` takes, and nixpkgs' extras.
  make =
    defaults: given:
    let
      args = if builtins.isFunction given then lib.fix given else given;
      inputNames = [
        "nativeBuildInputs"
        "buildInputs"
        "propagatedBuildInputs"
        "propagatedNativeBuildInputs"
      ];
      extras =
        inputNames
        ++ [ "meta" "passthru" "pos" "env" "nativeCheckInputs" "checkInputs" "depsBuildBuild" "strictDeps" ];
      inputs = lib.flatten (map (name: args.${name} or [ ]) inputNames);
      usable = builtins.filter (item: item != null) inputs;
      name = args.name or "${args.pname}-${args.version}";
      drv = derivation (
        builtins.removeAttrs args extras
        // (args.env or { })
        // {
          inherit name system;
          builder = args.builder or shell;
          args = args.args or [ "-e" ../build/setup.sh ];
          initialPath = map toString (defaults.tools ++ tools);
          inputs = map (item: "${item}") usable;
          stdenv = ../build;
        }
      );
    in
    drv
    // (args.passthru or { })
    // {
      meta = args.meta or { };
      passthru = args.passthru or { };
      overrideAttrs =
        change:
        make defaults (args // (if builtins.isFunction change then (
          if builtins.isFunction (change args) then change args args else change args) else change));
      override = refuse name "override";
    }
    // builtins.intersectAttrs { pname = 0; version = 0; src = 0; } args;

  hostPlatform = {
    inherit system;
    config = "${lib.head (lib.splitString "-" system)}-unknown-linux-gnu";
    isLinux = true;
    isDarwin = false;
    isx86_64 = system == "x86_64-linux";
    isAarch64 = system == "aarch64-linux";
    isx86 = system == "x86_64-linux";
    isAarch = system == "aarch64-linux";
    isUnix = true;
    is64bit = true;
    isMusl = false;
    isGnu = true;
    isStatic = false;
    parsed.cpu.name = lib.head (lib.splitString "-" system);
    parsed.kernel.name = "linux";
    linuxArch = if system == "aarch64-linux" then "arm64" else "x86_64";
    extensions = { sharedLibrary = ".so"; executable = ""; };
  };
  stdenvOf = extra: {
    mkDerivation = make { tools = extra; };
    inherit system hostPlatform shell;
    buildPlatform = hostPlatform;
    targetPlatform = hostPlatform;
    inherit (hostPlatform) isLinux isDarwin isx86_64 isAarch64;
    cc = pkgs.gcc;
    name = "stdenv-debian";
  };
  compilers = with pkgs; [ gcc gnumake ];

  runCommandWith = tools: name: env: script:
    make { inherit tools; } (
      env
      // {
        inherit name;
        buildCommand = script;
        passAsFile = [ "buildCommand" ] ++ (env.passAsFile or [ ]);
      }
    );
  runCommand = runCommandWith [ ];

  joinPaths = paths: lib.concatMapStrings (path: "${path}\n") (lib.flatten paths);
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
import ./writers.nix { inherit lib runCommand shell; }
// {
  inherit runCommand;
  stdenv = stdenvOf compilers;
  stdenvNoCC = stdenvOf [ ];
  runCommandCC = runCommandWith compilers;
  runCommandLocal = runCommand;
  runCommandNoCC = runCommand;

  symlinkJoin =
    args@{
      name ? "${args.pname}-${args.version}",
      paths,
      postBuild ? "",
      meta ? { },
      passthru ? { },
      nativeBuildInputs ? [ ],
      ...
    }:
    runCommand name
      {
        inherit meta passthru nativeBuildInputs;
        pathList = joinPaths paths;
        pathsToLink = "/.";
        passAsFile = [ "pathList" ];
      }
      (join + postBuild);
  buildEnv =
    {
      name,
      paths,
      pathsToLink ? [ "/" ],
      postBuild ? "",
      meta ? { },
      passthru ? { },
      extraOutputsToInstall ? [ ],
      extraPrefix ? "",
      nativeBuildInputs ? [ ],
      ...
    }:
    runCommand name
      {
        inherit meta passthru nativeBuildInputs;
        pathList = joinPaths paths;
        pathsToLink = map (path: if path == "/" then "/." else path) pathsToLink;
        passAsFile = [ "pathList" ];
      }
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

  fetchurl =
    {
      url ? "",
      urls ? [ ],
      name ? baseNameOf (lib.head ([ url ] ++ urls)),
      sha256 ? "",
      hash ? "",
      sha512 ? "",
      executable ? false,
      ...
    }:
    derivation {
      inherit name executable;
      system = "builtin";
      builder = "builtin:fetchurl";
      url = if url != "" then url else lib.head urls;
      urls = if url != "" then [ url ] else urls;
      unpack = false;
      preferLocalBuild = true;
      outputHashMode = if executable then "recursive" else "flat";
      outputHashAlgo = if hash != "" then null else if sha512 != "" then "sha512" else "sha256";
      outputHash = if hash != "" then hash else if sha512 != "" then sha512 else sha256;
    };
  fetchTarball = builtins.fetchTarball;
  emptyDirectory = runCommand "empty-directory" { } "mkdir $out";
  emptyFile = runCommand "empty-file" { } "touch $out";
  substitute =
    { src, replacements ? [ ], name ? baseNameOf (toString src), ... }:
    runCommand name { } ''
      cp ${src} $out
      chmod +w $out
      substituteInPlace $out ${lib.escapeShellArgs (lib.flatten replacements)}
    '';
  replaceVars = src: vars: runCommand (baseNameOf (toString src)) { } (
    "cp ${src} $out; chmod +w $out\n" + lib.concatMapStrings (name: "substituteInPlace $out --replace-fail ${lib.escapeShellArgs [ "@${name}@" "${vars.${name}}" ]}\n") (builtins.attrNames vars)
  );

  callPackage = lib.callPackageWith pkgs;
  callPackages = lib.callPackageWith pkgs;
  newScope = extra: lib.callPackageWith (pkgs // extra);
  mkShell =
    { name ? "shell", packages ? [ ], shellHook ? "", ... }@args:
    make { tools = [ ]; } (builtins.removeAttrs args [ "packages" "inputsFrom" ] // {
      inherit name;
      nativeBuildInputs = packages ++ (args.nativeBuildInputs or [ ]);
      buildCommand = "export >$out";
    });
  mkShellNoCC = pkgs.mkShell;
  srcOnly = drv: drv.src;
}
