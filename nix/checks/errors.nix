# Each wrong argument: its error names it and shows the right form. Returns what does not hold.
let
  inherit (builtins)
    attrNames
    concatMap
    deepSeq
    filter
    match
    replaceStrings
    ;
  problem = import ../lib/check.nix;
  holds = part: text: replaceStrings [ part ] [ "" ] text != text;
  cases = import ./cases/entrypoint.nix // import ./cases/services.nix // import ./cases/values.nix;

  wrong =
    name:
    let
      case = cases.${name};
      found = problem case.args;
      text = "${found.text}${if found.example or null == null then "" else " Write for example: ${found.example}"}";
      lacking = filter (part: !(holds part text)) case.says;
    in
    if found == null then
      [ "${name}: was accepted" ]
    else if match "[^\n]*" text == null then
      [ "${name}: is not one paragraph: ${text}" ]
    else
      map (part: "${name}: lacks '${part}' in: ${text}") lacking;

  right = import ./accepted.nix;
  refused =
    name:
    let
      found = problem right.${name};
    in
    if found == null then [ ] else [ "${name}: was refused: ${deepSeq found found.text}" ];
in
concatMap wrong (attrNames cases) ++ concatMap refused (attrNames right)
