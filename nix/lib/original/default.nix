# Functions other than mkGuest that flakes written for the original call: each makes what mkGuest accepts as a package, a service and
# a health check. docs/guide/coming-from-the-original.md.
{ pkgs, system }:
let
  service = import ./service.nix { inherit pkgs system; };
  refuse =
    name:
    throw (
      "mvm: there is no ${name} here: images run programs, not functions that the host calls. Give mkGuest the program as "
      + "`entrypoint.command`, which `mvmctl up` runs with its output and exit status; or start it with `mvmctl exec` in a VM "
      + "with a shell."
    );
in
{
  mkPythonService = import ./python.nix { inherit pkgs service; };
  mkNodeService = import ./node.nix { inherit pkgs service; };
  mkStaticSite = import ./static-site.nix { inherit pkgs service; };
  # Functions, so that the library as a whole can be evaluated.
  mkFunctionService = _: refuse "mkFunctionService";
  mkFunctionWorkload = _: refuse "mkFunctionWorkload";
}
