# Values as a person would write them, short: for error messages.
let
  inherit (builtins)
    attrNames
    concatStringsSep
    isAttrs
    isBool
    isFunction
    isInt
    isList
    isPath
    isString
    length
    replaceStrings
    stringLength
    substring
    toJSON
    toString
    typeOf
    unsafeDiscardStringContext
    ;
  first = n: list: builtins.genList (builtins.elemAt list) (if length list < n then length list else n);
  isDerivation = v: isAttrs v && (v.type or null) == "derivation";
  cut = n: text: if stringLength text > n then "${substring 0 n text}…" else text;

  # A Nix string literal.
  quote = text: replaceStrings [ "\${" ] [ "\\\${" ] (toJSON (unsafeDiscardStringContext text));

  list = depth: v: "[ ${concatStringsSep " " (map (show (depth - 1)) (first 4 v))}${if length v > 4 then " …" else ""} ]";
  attrs =
    depth: v:
    let
      names = attrNames v;
      pairs = map (n: "${n} = ${show (depth - 1) v.${n}};") (first 3 names);
    in
    "{ ${concatStringsSep " " pairs}${if length names > 3 then " …" else ""} }";

  show =
    depth: v:
    if isString v then
      quote (cut 60 v)
    else if isInt v then
      toString v
    else if isBool v then
      (if v then "true" else "false")
    else if v == null then
      "null"
    else if isPath v then
      toString v
    else if isFunction v then
      "a function"
    else if isDerivation v then
      "the package ${v.name or "?"}"
    else if isList v then
      (if v == [ ] then "[ ]" else if depth < 1 then "[ … ]" else list depth v)
    else if isAttrs v then
      (if v == { } then "{ }" else if depth < 1 then "{ … }" else attrs depth v)
    else
      toJSON v;
in
{
  inherit quote isDerivation;
  show = show 2;

  # "a string (\"2\")", "null": what a value is, for the end of a sentence.
  describe =
    v:
    let
      kinds = {
        string = "a string";
        int = "a number";
        float = "a number with a fraction";
        bool = "a boolean";
        path = "a path";
        list = "a list";
        set = "an attribute set";
      };
    in
    if v == null || isFunction v || isDerivation v then show 0 v else "${kinds.${typeOf v}} (${show 1 v})";
}
