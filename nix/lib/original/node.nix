# mkNodeService { name; src; entrypoint; port; npmHash; buildPhase; }: a Node program, with its npm packages where `npmHash`,
# the hash of all of them, is given.
{ pkgs, service }:
args:
let
  types = import ../schema/types.nix;
  a = service.read "mkNodeService" (
    service.table
    // {
      entrypoint = service.file;
      npmHash = {
        type = types.nullOr types.string;
        default = null;
        example = "\"\"";
      };
      buildPhase = {
        type = types.string;
        default = "node \"$TSC\"";
        example = "\"npm run build\"";
      };
      pruneDevDeps = {
        type = types.bool;
        default = true;
        example = "true";
      };
      nodejs = {
        type = types.package;
        default = pkgs.nodejs;
        example = "pkgs.nodejs";
      };
    }
  ) args;
  # In a set that can't have it, asking for it is an error that says so.
  npm = builtins.tryEval (pkgs.buildNpmPackage or (throw "none"));
  built = npm.value {
    pname = a.name;
    version = "0";
    inherit (a) src nodejs;
    npmDepsHash = a.npmHash;
    TSC = "node_modules/typescript/bin/tsc";
    buildPhase = "runHook preBuild\n${a.buildPhase}\nrunHook postBuild";
    installPhase = ''
      runHook preInstall
      ${if a.pruneDevDeps then "npm prune --omit=dev --no-save" else ""}
      mkdir -p "$out"
      cp -R . "$out/"
      runHook postInstall
    '';
  };
  src =
    if a.npmHash == null then
      a.src
    else if npm.success then
      "${built}"
    else
      throw (
        "mkNodeService (${a.name}): this package set can't build npm packages (it has no buildNpmPackage). Leave `npmHash` "
        + "out if `src` needs none, or has its own node_modules. With mkGuest alone: "
        + "services.${a.name}.command = [ \"\${pkgs.nodejs}/bin/node\" \"\${./.}/${a.entrypoint}\" ];"
      );
in
service.make (a // { inherit src; }) (folder: [
  "${a.nodejs}/bin/node"
  "${folder}/${a.entrypoint}"
])
