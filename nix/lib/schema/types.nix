# The types of arguments. A type is { form; problems; read ? }: `form` describes what it accepts; `problems where value` is
# the list of all that is wrong with a value, each { text; example ? null; pos ? null; }: a sentence that names `where`, what
# to write where that is known, and the place in the file; `read value` is a value that holds in the one form that the rest of
# the library knows.
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    concatStringsSep
    elem
    filter
    head
    isAttrs
    isBool
    isInt
    isList
    isPath
    isString
    length
    mapAttrs
    match
    toString
    unsafeGetAttrPos
    ;
  inherit (import ./show.nix) describe isDerivation quote;

  wrong = form: where: value: [ { text = "`${where}` must be ${form}; it is ${describe value}."; } ];
  # A type that a predicate decides.
  simple = form: test: {
    inherit form;
    problems = where: value: if test value then [ ] else wrong form where value;
  };
  reader = type: type.read or (value: value);
  indexed = list: builtins.genList (i: { inherit i; value = builtins.elemAt list i; }) (length list);
  quoteKey = name: if match "[A-Za-z_][A-Za-z0-9_'-]*" name != null then name else quote name;
  # Problems without a place of their own get that of the attribute `name` of `set`.
  placed =
    name: set:
    let
      pos = unsafeGetAttrPos name set;
    in
    map (problem: { inherit pos; } // problem);
in
rec {
  inherit
    placed
    quoteKey
    reader
    simple
    wrong
    ;

  bool = simple "true or false" isBool;
  string = simple "a string" isString;
  text = simple "a string that is not empty" (v: isString v && v != "");
  matching = form: pattern: simple form (v: isString v && match pattern v != null);
  oneOf = names: simple "one of ${concatStringsSep ", " (map quote names)}" (v: elem v names);
  between =
    low: high: simple "a whole number from ${toString low} to ${toString high}" (v: isInt v && v >= low && v <= high);

  nullOr = type: {
    form = "${type.form}, or null";
    problems = where: value: if value == null then [ ] else type.problems where value;
    read = value: if value == null then null else reader type value;
  };

  # The first alternative whose `test` holds judges and reads the value.
  either =
    form: alternatives:
    let
      fitting = value: filter (a: a.test value) alternatives;
    in
    {
      inherit form;
      problems =
        where: value:
        if fitting value == [ ] then wrong form where value else (head (fitting value)).type.problems where value;
      read = value: reader (head (fitting value)).type value;
    };

  listOf = form: type: {
    inherit form;
    problems =
      where: value:
      if !isList value then
        wrong form where value
      else
        concatMap (e: type.problems "${where}[${toString e.i}]" e.value) (indexed value);
    read = map (reader type);
  };

  attrsOf = form: keys: type: {
    inherit form;
    problems =
      where: value:
      if !isAttrs value || isDerivation value then
        wrong form where value
      else
        concatLists (
          map (
            name:
            placed name value (
              if match keys.pattern name == null then
                [ { text = "`${where}.${quoteKey name}`: ${quote name} is not ${keys.form}."; } ]
              else
                type.problems "${where}.${quoteKey name}" value.${name}
            )
          ) (attrNames value)
        );
    read = mapAttrs (_: reader type);
  };

  package = {
    form = "a package";
    problems =
      where: value:
      if isDerivation value || isPath value then
        [ ]
      else if isString value && match "/nix/store/.+" value != null then
        [ ]
      else if isString value && match "[A-Za-z_][A-Za-z0-9_'.-]*" value != null then
        [
          {
            text = "`${where}` must be a package; it is ${describe value}, which is only its name.";
            example = "packages = with pkgs; [ ${value} ];";
          }
        ]
      else
        wrong "a package" where value;
  };

  absolutePath = matching "an absolute path" "/.*";
}
