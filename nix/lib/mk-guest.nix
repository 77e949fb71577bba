# mkGuest: arguments → the derivation of an image. All arguments are checked before anything is evaluated further.
{ system, nixpkgs }:
args:
let
  wrong = import ./check.nix args;
  title = if builtins.isAttrs args && builtins.isString (args.name or null) then "mkGuest (${args.name})" else "mkGuest";
  example = if wrong.example or null == null then "" else " Write for example: ${wrong.example}";

  complete = (import ./schema/record.nix).complete (import ./schema/arguments.nix) args;
  metadata = import ./metadata.nix {
    inherit system;
    args = complete;
  };
  image = import ./image/image.nix {
    inherit system metadata;
    args = complete;
    pkgs = nixpkgs.legacyPackages.${system};
  };
in
if wrong != null then
  throw "${title}: ${wrong.text}${example}"
else
  image
  // {
    passthru = {
      mvm = metadata;
    };
    mvm = metadata;
    meta.description = "The microVM image ${complete.name}";
  }
