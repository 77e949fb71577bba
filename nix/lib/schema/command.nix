# The type of a program with its arguments: never a string, since nothing splits one into words at run time.
let
  inherit (builtins)
    concatStringsSep
    filter
    isInt
    isList
    isPath
    isString
    match
    split
    toString
    unsafeDiscardStringContext
    ;
  inherit (import ./show.nix) describe quote isDerivation;
  types = import ./types.nix;
  list = words: "[ ${concatStringsSep " " (map quote words)} ]";
  words = line: filter (w: isString w && w != "") (split "[[:space:]]+" line);
  needsShell = line: match ".*[]|&;<>()$`\\\"'*?[#~{}!\n].*" line != null;

  # The list that a command line would be.
  asList =
    line:
    let
      plain = unsafeDiscardStringContext line;
    in
    if needsShell plain then list [ "/bin/sh" "-c" plain ] else list (words plain);

  # The last name of `where`: "services.redis.command" → "command".
  fieldOf = where: builtins.elemAt (match "(.*\\.)?([^.]*)" where) 1;

  argument = {
    form = "a string";
    problem =
      where: value:
      if isString value || isPath value then
        null
      else if isInt value then
        {
          text = "`${where}` must be a string; it is ${describe value}.";
          example = quote (toString value);
        }
      else if isDerivation value then
        {
          text = "`${where}` must be a string; it is ${describe value}.";
          example = "\"\${pkgs.${value.pname or "it"}}/bin/${value.meta.mainProgram or value.pname or "it"}\"";
        }
      else
        types.string.problem where value;
  };
  form = "a list: the program, then its arguments";
in
{
  inherit form;
  problem =
    where: value:
    if isString value && value != "" then
      {
        text = "`${where}` must be ${form}; it is ${describe value}, and no shell splits it into words.";
        example = "${fieldOf where} = ${asList value};";
      }
    else if isList value && value == [ ] then
      { text = "`${where}` must be ${form}; it is empty."; }
    else
      (types.listOf form argument).problem where value;
}
