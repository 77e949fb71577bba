# The error for wrong arguments: all mistakes, in one paragraph.
function: args: problems:
let
  inherit (builtins)
    concatStringsSep
    head
    isAttrs
    isString
    length
    match
    toString
    ;
  name = if isAttrs args && isString (args.name or null) then " (${args.name})" else "";
  # "/nix/store/…-source/flake.nix" is "flake.nix" for who wrote it.
  file =
    path:
    let
      inside = match ".*/nix/store/[0-9a-z]{32}-[^/]*/(.*)" (builtins.unsafeDiscardStringContext path);
    in
    if inside == null then path else head inside;
  tell =
    problem:
    let
      example = if problem.example or null == null then "" else " Write for example: ${problem.example}";
      place = if problem.pos or null == null then "" else " (${file problem.pos.file}:${toString problem.pos.line})";
    in
    "${problem.text}${example}${place}";
in
if length problems == 1 then
  "${function}${name}: ${tell (head problems)}"
else
  "${function}${name}: ${toString (length problems)} mistakes in its arguments:\n"
  + concatStringsSep "\n" (map (problem: "- ${tell problem}") problems)
