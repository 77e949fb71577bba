# Each wrong argument: its error names it and shows the right form, and nothing else is reported. Returns the failures.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    filter
    length
    match
    replaceStrings
    toString
    ;
  check = import ../lib/check.nix;
  tell = import ../lib/mistakes.nix "mkGuest";
  holds = part: text: replaceStrings [ part ] [ "" ] text != text;
  cases =
    import ./cases/entrypoint.nix
    // import ./cases/services.nix
    // import ./cases/values.nix
    // import ./cases/original.nix
    // import ./cases/several.nix;

  wrong =
    name:
    let
      case = cases.${name};
      found = check case.args;
      text = tell case.args found;
      count = case.count or 1;
      lacking = filter (part: !(holds part text)) case.says;
    in
    if found == [ ] then
      [ "${name}: was accepted" ]
    else if length found != count then
      [ "${name}: ${toString count} expected, not ${text}" ]
    else if match ".*\n[[:space:]]*(\n.*)?" text != null then
      [ "${name}: is not one paragraph: ${text}" ]
    else
      map (part: "${name}: lacks '${part}' in: ${text}") lacking
      ++ (if case ? all && concatStringsSep "\n" case.all != text then [ "${name}: is not as expected: ${text}" ] else [ ]);

  right = import ./accepted.nix;
  refused =
    name:
    let
      found = check right.${name};
    in
    if found == [ ] then [ ] else [ "${name}: was refused: ${tell right.${name} found}" ];
in
concatMap wrong (attrNames cases) ++ concatMap refused (attrNames right)
