# The type of an attribute set with known names, from a table: name → { type; doc; example; default ?; aliases ?; }.
# A name without a default must be given.
let
  inherit (builtins)
    attrNames
    concatStringsSep
    elem
    filter
    hasAttr
    head
    isAttrs
    mapAttrs
    removeAttrs
    ;
  inherit (import ./nearest.nix) nearest;
  inherit (import ./show.nix) describe isDerivation;
  types = import ./types.nix;

  meant =
    table: name:
    let
      known = attrNames table;
      aliased = filter (k: elem name (table.${k}.aliases or [ ])) known;
    in
    if aliased != [ ] then head aliased else nearest name known;
in
{
  # `where` is "" for the arguments of mkGuest itself. `noun` names what a name in the table is.
  problem =
    { table, noun, form }:
    where: value:
    let
      at = name: if where == "" then types.quoteKey name else "${where}.${types.quoteKey name}";
      exampleOf = name: "${name} = ${table.${name}.example};";
      unknown = filter (name: !hasAttr name table) (attrNames value);
      unknownProblem =
        name:
        let
          close = meant table name;
        in
        if close == null then
          { text = "there is no ${noun} `${at name}`; there are ${concatStringsSep ", " (attrNames table)}."; }
        else
          {
            text = "there is no ${noun} `${at name}`. Did you mean `${close}`?";
            example = exampleOf close;
          };
      fieldProblem =
        name:
        let
          field = table.${name};
          found = field.type.problem (at name) value.${name};
        in
        if !hasAttr name value then
          (
            if field ? default then
              null
            else
              {
                text = "`${at name}` is missing; it is ${field.type.form}.";
                example = exampleOf name;
              }
          )
        else if found == null then
          null
        else
          { example = exampleOf name; } // found;
    in
    if !isAttrs value || isDerivation value then
      { text = "${if where == "" then "the argument" else "`${where}`"} must be ${form}; it is ${describe value}."; }
    else if unknown != [ ] then
      unknownProblem (head unknown)
    else
      types.firstOf (map fieldProblem (attrNames table));

  # The value with the table's defaults for what is not given.
  complete = table: value: (mapAttrs (_: f: f.default) (removeAttrs table (attrNames value))) // value;
}
