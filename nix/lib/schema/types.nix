# The types of arguments. A type is { form; problem; }: `form` says in words what it takes, `problem where value` is null
# or { text; example ? null; }: a sentence that names `where`, and what to write where that is known.
let
  inherit (builtins)
    attrNames
    concatStringsSep
    elem
    filter
    foldl'
    head
    isAttrs
    isBool
    isInt
    isList
    isPath
    isString
    length
    match
    toString
    ;
  inherit (import ./show.nix) describe isDerivation quote;

  wrong = form: where: value: { text = "`${where}` must be ${form}; it is ${describe value}."; };
  # A type that a predicate decides.
  simple = form: test: {
    inherit form;
    problem = where: value: if test value then null else wrong form where value;
  };
  # The first problem of a list; later elements stay unevaluated.
  firstOf = foldl' (found: next: if found != null then found else next) null;
  indexed = list: builtins.genList (i: { inherit i; value = builtins.elemAt list i; }) (length list);
  quoteKey = name: if match "[A-Za-z_][A-Za-z0-9_'-]*" name != null then name else quote name;
in
rec {
  inherit firstOf quoteKey simple;

  bool = simple "true or false" isBool;
  string = simple "a string" isString;
  text = simple "a string that is not empty" (v: isString v && v != "");
  matching = form: pattern: simple form (v: isString v && match pattern v != null);
  oneOf = names: simple "one of ${concatStringsSep ", " (map quote names)}" (v: elem v names);
  between =
    low: high: simple "a whole number from ${toString low} to ${toString high}" (v: isInt v && v >= low && v <= high);

  nullOr = type: {
    form = "${type.form}, or null";
    problem = where: value: if value == null then null else type.problem where value;
  };

  # The first alternative whose `test` holds judges the value.
  either = form: alternatives: {
    inherit form;
    problem =
      where: value:
      let
        fitting = filter (a: a.test value) alternatives;
      in
      if fitting == [ ] then wrong form where value else (head fitting).type.problem where value;
  };

  listOf = form: type: {
    inherit form;
    problem =
      where: value:
      if !isList value then
        wrong form where value
      else
        firstOf (map (e: type.problem "${where}[${toString e.i}]" e.value) (indexed value));
  };

  attrsOf = form: keys: type: {
    inherit form;
    problem =
      where: value:
      if !isAttrs value || isDerivation value then
        wrong form where value
      else
        firstOf (
          map (
            name:
            if match keys.pattern name == null then
              { text = "`${where}.${quoteKey name}`: ${quote name} is not ${keys.form}."; }
            else
              type.problem "${where}.${quoteKey name}" value.${name}
          ) (attrNames value)
        );
  };

  package = {
    form = "a package";
    problem =
      where: value:
      if isDerivation value || isPath value then
        null
      else if isString value && match "/nix/store/.+" value != null then
        null
      else if isString value && match "[A-Za-z_][A-Za-z0-9_'.-]*" value != null then
        {
          text = "`${where}` must be a package; it is ${describe value}, which is only its name.";
          example = "packages = with pkgs; [ ${value} ];";
        }
      else
        wrong "a package" where value;
  };

  absolutePath = matching "an absolute path" "/.*";
}
