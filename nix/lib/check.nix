# All mistakes in mkGuest's arguments: in each one, then in combinations.
args:
let
  record = import ./schema/record.nix;
  table = import ./schema/arguments.nix;
  alone = record.problems {
    inherit table;
    noun = "argument";
    form = "an attribute set: mkGuest { name = \"my-app\"; entrypoint.shell = \"/bin/bash\"; }";
    refused = import ./schema/refused.nix;
  } "" args;
in
alone ++ (if builtins.isAttrs args then import ./together.nix args else [ ])
