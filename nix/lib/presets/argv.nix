# Reading a declared command: `import ./argv.nix command`.
command:
let
  inherit (builtins)
    concatMap
    elemAt
    filter
    genList
    head
    isString
    length
    stringLength
    substring
    ;
  words = map (part: if isString part then part else "${part}") command;
  rest = from: text: substring from (stringLength text) text;
  starts = prefix: text: substring 0 (stringLength prefix) text == prefix;
  # The value of `flag` at place i: "-p 1", "-p1", "--port 1", "--port=1".
  valueAt =
    i: flag:
    let
      word = elemAt words i;
      short = stringLength flag == 2;
    in
    if word == flag then
      (if i + 1 < length words then [ (elemAt words (i + 1)) ] else [ ])
    else if short && starts flag word then
      [ (rest 2 word) ]
    else if starts "${flag}=" word then
      [ (rest (stringLength flag + 1) word) ]
    else
      [ ];
in
rec {
  program = baseNameOf (head words);
  # A program of the same package; by its bare name where the command has no folder.
  beside = name: if baseNameOf (head words) == head words then name else "${dirOf (head words)}/${name}";
  # The value of the last of `flags` that is given, or null.
  option =
    flags:
    let
      found = concatMap (i: concatMap (valueAt i) flags) (genList (i: i + 1) (length words - 1));
    in
    if found == [ ] then null else elemAt found (length found - 1);
  # The arguments that are not options, with their positions: programs take a configuration file this way.
  hasFile = length words > 1 && !(starts "-" (elemAt words 1));
  # A port number in text; null where it is none.
  toPort =
    text:
    if text != null && builtins.match "[1-9][0-9]{0,4}" text != null then builtins.fromJSON text else null;
  # The first of the values that is not null.
  first = values: head (filter (v: v != null) values ++ [ null ]);
}
