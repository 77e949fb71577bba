# The type of an attribute set with known names, from a table: name → { type; doc; example; default ?; also ?; aliases ?; }.
# A name without a default must be given. `also` are other names that are taken for it (the original mvm's); `aliases` are
# names that people write for it and that are answered with it.
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    hasAttr
    head
    isAttrs
    listToAttrs
    mapAttrs
    removeAttrs
    ;
  inherit (import ./nearest.nix) nearest;
  inherit (import ./show.nix) describe isDerivation;
  types = import ./types.nix;

  namesOf = table: name: [ name ] ++ (table.${name}.also or [ ]);
  known = table: concatMap (namesOf table) (attrNames table);
  # The name of the table that `name` stands for.
  canonical = table: name: head (filter (k: elem name (namesOf table k)) (attrNames table));

  # The name of the table that an unknown name most likely means, or null.
  meant =
    table: name:
    let
      names = attrNames table;
      aliased = filter (k: elem name (table.${k}.aliases or [ ])) names;
      close = nearest name (known table);
    in
    if aliased != [ ] then
      head aliased
    else if close == null then
      null
    else
      canonical table close;

  # What is given, under the table's own names and in its forms.
  read =
    table: value:
    listToAttrs (
      map (
        given:
        let
          name = canonical table given;
        in
        {
          inherit name;
          value = types.reader table.${name}.type value.${given};
        }
      ) (filter (name: elem name (known table)) (attrNames value))
    );
in
{
  inherit known meant read;

  # `where` is "" for the arguments of mkGuest itself. `noun` names what a name in the table is; `refused` has names that are
  # not taken, and for each the sentence that says why and what to write.
  problems =
    {
      table,
      noun,
      form,
      refused ? { },
    }:
    where: value:
    let
      at = name: if where == "" then types.quoteKey name else "${where}.${types.quoteKey name}";
      exampleOf = name: "${name} = ${table.${name}.example};";
      names = known table;
      unknown = filter (name: !elem name names) (attrNames value);
      guesses = map (meant table) (filter (name: !hasAttr name refused) unknown);
      unknownProblem =
        name:
        let
          close = meant table name;
        in
        if hasAttr name refused then
          { text = "`${at name}` is not supported: ${refused.${name}}"; }
        else if close == null then
          { text = "there is no ${noun} `${at name}`; there are ${concatStringsSep ", " (attrNames table)}."; }
        else
          {
            text = "there is no ${noun} `${at name}`. Did you mean `${close}`?";
            example = exampleOf close;
          };
      fieldProblems =
        name:
        let
          field = table.${name};
          given = filter (n: hasAttr n value) (namesOf table name);
          one = head given;
          example = exampleOf name;
        in
        if given == [ ] then
          # A misspelt name is not also reported as missing.
          (
            if field ? default || elem name guesses then
              [ ]
            else
              [
                {
                  inherit example;
                  text = "`${at name}` is missing; it is ${field.type.form}.";
                }
              ]
          )
        else if given != [ one ] then
          types.placed one value [
            { text = "${concatStringsSep " and " (map (n: "`${at n}`") given)} are the same; give one of them."; }
          ]
        else
          types.placed one value (map (problem: { inherit example; } // problem) (field.type.problems (at one) value.${one}));
    in
    if !isAttrs value || isDerivation value then
      [ { text = "${if where == "" then "the argument" else "`${where}`"} must be ${form}; it is ${describe value}."; } ]
    else
      concatMap (name: types.placed name value [ (unknownProblem name) ]) unknown
      ++ concatMap fieldProblems (attrNames table);

  # The value with the table's defaults for what is not given.
  complete =
    table: value:
    let
      given = read table value;
    in
    mapAttrs (_: f: f.default) (removeAttrs table (attrNames given)) // given;
}
