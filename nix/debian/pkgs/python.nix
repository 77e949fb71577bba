# python3 with nixpkgs' ways to get modules: withPackages, pkgs, python3Packages. Modules are Debian's (python3-NAME), as far as
# the lock has them; mvmctl adds those whose names the project's .nix files have.
{ lib, pkgs, units }:
let
  names = lib.importJSON ../python-names.json;
  locked = builtins.filter (lib.hasPrefix "python3-") (builtins.attrNames units.lock.packages);
  attribute = deb: builtins.replaceStrings [ "." "_" ] [ "-" "-" ] (lib.removePrefix "python3-" deb);
  way = "In the guest, `python3 -m venv` and pip get it; or use the real nixpkgs: leave `--nixpkgs debian` out.";
  module =
    name: deb:
    if units.lock.packages ? ${deb} then
      units.debianPackage deb // { pname = name; pythonModule = python; }
    else
      throw "nixpkgs (Debian stand-in): the lock lacks ${deb}, which python3Packages.${name} is made of. Write `${name}` or `\"${deb}\"` in a .nix file of the project; mvmctl then adds it.";
  absent =
    lib.genAttrs
      [ "pyarrow" "polars" "playwright" "bokeh" "spacy" "transformers" "keras" "tensorflow" "sanic" "python-jose" "openai" "anthropic" "langchain" "streamlit" "gradio" "ruff" "uv" "jax" "jaxlib" ]
      (name: throw "nixpkgs (Debian stand-in): Debian has no Python package ${name}. ${way}")
    // lib.genAttrs [ "buildPythonPackage" "buildPythonApplication" "fetchPypi" "toPythonModule" "toPythonApplication" ] (
      name:
      throw "nixpkgs (Debian stand-in): there is no python3Packages.${name}: Python packages are Debian's, ready-made. For one that Debian lacks: ${way}"
    );
  modules =
    absent
    // builtins.mapAttrs module names
    // builtins.listToAttrs (map (deb: lib.nameValuePair (attribute deb) (module (attribute deb) deb)) locked)
    // {
      inherit python;
      python3 = python;
      pythonPackages = modules;
      # Part of python3 here.
      pip = python;
      venvShellHook = throw "nixpkgs (Debian stand-in): there is no venvShellHook. In the guest: python3 -m venv .venv";
    };

  version = "3.13";
  # An environment is laid out as a venv: the interpreter finds pyvenv.cfg next to the folder that it is called from, and with that
  # the modules. No variable is set that programs started from it would inherit.
  environment =
    {
      extraLibs ? [ ],
      ...
    }:
    let
      wanted = builtins.filter (item: item != null && "${item}" != "${base}") (lib.flatten extraLibs);
      all = lib.unique (lib.concatMap (item: [ "${item}" ] ++ map toString (item.passthru.needed or [ ])) wanted ++ [ "${base}" ]);
    in
    pkgs.runCommand "python3-${base.version}-env"
      {
        modules = all;
        wanted = map toString wanted;
        inherit base version;
        shell = pkgs.runtimeShell;
        meta = base.meta;
        passthru = {
          inherit (base) version;
          pname = "python3";
          interpreter = "${base}/bin/python3";
          pythonVersion = version;
          sitePackages = "lib/python${version}/site-packages";
          withPackages = f: environment { extraLibs = extraLibs ++ f modules; };
          pkgs = modules;
          inherit python;
        };
      }
      (builtins.readFile ../build/python-env.sh);

  base = units.package {
    drv = units.units.${units.unitOf "python3"};
    pname = "python3";
    version = units.upstream units.lock.packages.python3.version;
    main = "python3";
  };
  python = base // {
    pkgs = modules;
    withPackages = f: environment { extraLibs = f modules; };
    buildEnv = lib.makeOverridable environment { };
    interpreter = "${base}/bin/python3";
    executable = "python3";
    pythonVersion = version;
    sitePackages = "lib/python${version}/site-packages";
    isPy3 = true;
    isPy3k = true;
    libPrefix = "python${version}";
    override = args: if args == { } then python else base.override args;
  };
in
{
  python3 = python;
  python3Packages = modules;
  python313Packages = modules;
  pythonPackages = modules;
}
