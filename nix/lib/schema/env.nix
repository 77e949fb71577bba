# Environment variables.
let
  inherit (builtins) isInt isString;
  types = import ./types.nix;
in
types.attrsOf "an attribute set of environment variables" {
  pattern = "[A-Za-z_][A-Za-z0-9_]*";
  form = "a name of letters, digits and '_'";
} (types.simple "a string or a number" (v: isString v || isInt v) // { read = toString; })
