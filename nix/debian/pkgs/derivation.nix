# stdenv.mkDerivation: derivations run by bash with build/setup.sh.
{ lib, pkgs, system }:
let
  tools = with pkgs; [ coreutils findutils gnugrep gnused gawk gnutar gzip bzip2 xz diffutils patch bash ];
  shell = "${pkgs.bash}/bin/bash";
  hostPlatform = lib.systems.elaborate system;

  inputNames = [
    "nativeBuildInputs"
    "buildInputs"
    "propagatedBuildInputs"
    "propagatedNativeBuildInputs"
    "nativeCheckInputs"
    "checkInputs"
    "nativeInstallCheckInputs"
    "installCheckInputs"
    "depsBuildBuild"
  ];
  # What nixpkgs accepts besides the build's environment.
  extras = inputNames ++ [ "meta" "passthru" "pos" "env" "strictDeps" ];

  # What `overrideAttrs` is given: a set, a function of the old attributes, or of the final and the old ones.
  changed =
    change: final: old:
    if !builtins.isFunction change then
      change
    else
      let
        once = change old;
      in
      if builtins.isFunction once then change final old else once;

  # A derivation from `given`: anything that `derivation` takes, and nixpkgs' extras.
  make =
    defaults: given:
    let
      # `finalAttrs` of a function also has the result.
      args = lib.fix (self: function (self // { finalPackage = package; }));
      function = if builtins.isFunction given then given else _: given;
      inputs = lib.flatten (map (name: args.${name} or [ ]) inputNames);
      usable = builtins.filter (item: item != null) inputs;
      name =
        args.name or (
          if args ? pname && args ? version then "${args.pname}-${args.version}"
          else args.pname or (throw "nixpkgs (Debian stand-in): stdenv.mkDerivation needs `name`, or `pname` and `version`.")
        );
      drv = import ./made-here.nix (
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
      package =
        drv
        // (args.passthru or { })
        // {
          meta = args.meta or { };
          passthru = args.passthru or { };
          overrideAttrs = change: make defaults (final: let old = function final; in old // changed change final old);
          inputsOfShell = usable;
          overrideDerivation =
            _: throw "nixpkgs (Debian stand-in): ${name}.overrideDerivation is not supported; use overrideAttrs.";
        }
        // builtins.intersectAttrs { pname = 0; version = 0; src = 0; } args;
    in
    package;

  stdenvOf = extra: {
    mkDerivation = make { tools = extra; };
    inherit system hostPlatform shell;
    buildPlatform = hostPlatform;
    targetPlatform = hostPlatform;
    inherit (hostPlatform) isLinux isDarwin isx86_64 isAarch64 isAarch32 isx86_32 is64bit is32bit isBSD;
    cc = pkgs.gcc // { cc = pkgs.gcc; libc = pkgs.glibc; targetPrefix = ""; isGNU = true; isClang = false; };
    name = "stdenv-debian";
  };
  compilers = with pkgs; [ gcc gnumake ];

  runCommandFrom = tools: name: env: script:
    make { inherit tools; } (
      env
      // {
        inherit name;
        buildCommand = script;
        passAsFile = [ "buildCommand" ] ++ (env.passAsFile or [ ]);
      }
    );
in
{
  inherit make shell;
  attributes = {
    stdenv = stdenvOf compilers;
    gccStdenv = pkgs.stdenv;
    stdenvNoCC = stdenvOf [ ];
    runCommand = runCommandFrom [ ];
    runCommandLocal = pkgs.runCommand;
    runCommandNoCC = pkgs.runCommand;
    runCommandCC = runCommandFrom compilers;
    runCommandWith =
      { stdenv ? pkgs.stdenv, runLocal ? false, derivationArgs ? { }, name }:
      runCommandFrom (if stdenv ? cc then compilers else [ ]) name derivationArgs;
    mkShell = lib.makeOverridable (
      { stdenv ? pkgs.stdenv }:
      {
        __functor =
          _:
          { name ? "nix-shell", packages ? [ ], inputsFrom ? [ ], shellHook ? "", ... }@args:
          let
            # The inputs of derivations, not the derivations themselves.
            inherited = lib.concatMap (drv: drv.inputsOfShell or [ ]) inputsFrom;
            inputs = lib.concatMap (key: args.${key} or [ ]) inputNames ++ packages ++ inherited;
          in
          make { tools = compilers; } (
            builtins.removeAttrs args ([ "packages" "inputsFrom" ] ++ inputNames)
            // {
              inherit name shellHook;
              nativeBuildInputs = inputs;
              buildCommand = "export >$out";
            }
          );
      }
    ) { };
    mkShellNoCC = pkgs.mkShell;
  };
}
