# mkPythonService { name; src; entrypoint; port; pythonPackages; python; }: a Python program with packages of the package set.
{ pkgs, service }:
args:
let
  inherit (builtins) isFunction;
  types = import ../schema/types.nix;
  a = service.read "mkPythonService" (
    service.table
    // {
      entrypoint = service.file;
      pythonPackages = {
        type = types.simple "a function from Python's packages to a list of them" isFunction;
        default = _: [ ];
        example = "ps: [ ps.flask ]";
      };
      python = {
        type = types.package;
        default = pkgs.python3;
        example = "pkgs.python3";
      };
    }
  ) args;
  python =
    if a.pythonPackages { } == [ ] then
      a.python
    else if a.python ? withPackages then
      a.python.withPackages a.pythonPackages
    else
      throw (
        "mkPythonService (${a.name}): this package set has no python3.withPackages. Leave `pythonPackages` out if `src` "
        + "needs none. With mkGuest alone: services.${a.name}.command = [ \"\${pkgs.python3}/bin/python3\" \"\${./.}/${a.entrypoint}\" ];"
      );
in
service.make a (src: [
  "${python}/bin/python3"
  "-u"
  "${src}/${a.entrypoint}"
])
