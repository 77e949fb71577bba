# The types of a program with its arguments: a list, or, for what runs alongside the entrypoint, also a line for a shell.
let
  inherit (builtins)
    concatStringsSep
    elem
    elemAt
    filter
    head
    isInt
    isList
    isPath
    isString
    match
    split
    stringLength
    substring
    toString
    unsafeDiscardStringContext
    ;
  inherit (import ./show.nix) describe quote isDerivation;
  inherit (import ./store.nix) inStore;
  types = import ./types.nix;
  list = words: "[ ${concatStringsSep " " (map quote words)} ]";
  words = line: filter (w: isString w && w != "") (split "[[:space:]]+" line);
  needsShell = line: match ".*[]|&;<>()$`\\\"'*?[#~{}!\n].*" line != null;
  # `match` forgets which paths of the store a text names; `substring` does not.
  trim =
    line:
    let
      parts = match "([[:space:]]*)(.*[^[:space:]])[[:space:]]*" line;
    in
    substring (stringLength (head parts)) (stringLength (elemAt parts 1)) line;

  # The list that a command line would be.
  asList =
    line:
    let
      plain = unsafeDiscardStringContext line;
    in
    if needsShell plain then list [ "/bin/sh" "-c" plain ] else list (words plain);

  # Words that a shell knows itself: nothing that `exec` could run.
  ofShell = [
    "."
    ":"
    "cd"
    "eval"
    "exec"
    "export"
    "set"
    "source"
    "trap"
    "ulimit"
    "umask"
    "unset"
    "case"
    "for"
    "if"
    "until"
    "while"
  ];
  # Whether a line is one program with its arguments, so that the shell may become it: nothing outside of quotes joins
  # commands, and it begins with no variable.
  isOneCommand =
    line:
    let
      bare = concatStringsSep "q" (filter isString (split "'[^']*'|\"[^\"\\]*\"|\\\\." (unsafeDiscardStringContext line)));
      first = head (words bare ++ [ "" ]);
    in
    # A long one is a script; matching takes a stack as deep as its text is long.
    stringLength line < 4096
    && match ".*[];&|(){}`!#\"'\n].*" bare == null
    && first != ""
    && match "[A-Za-z_][A-Za-z0-9_]*=.*" first == null
    && !elem first ofShell;

  # The last name of `where`: "services.redis.command" → "command".
  fieldOf = where: elemAt (match "(.*\\.)?([^.]*)" where) 1;

  argument = {
    form = "a string";
    problems =
      where: value:
      if isString value || isPath value then
        [ ]
      else if isInt value then
        [
          {
            text = "`${where}` must be a string; it is ${describe value}.";
            example = quote (toString value);
          }
        ]
      else if isDerivation value then
        [
          {
            text = "`${where}` must be a string; it is ${describe value}.";
            example = "\"\${pkgs.${value.pname or "it"}}/bin/${value.meta.mainProgram or value.pname or "it"}\"";
          }
        ]
      else
        types.string.problems where value;
    read = value: if isPath value then inStore value else value;
  };
  form = "a list: the program, then its arguments";
  argv = types.listOf form argument // {
    problems =
      where: value:
      if isString value && value != "" then
        [
          {
            text = "`${where}` must be ${form}; it is ${describe value}, and no shell splits it into words.";
            example = "${fieldOf where} = ${asList value};";
          }
        ]
      else if isList value && value == [ ] then
        [ { text = "`${where}` must be ${form}; it is empty."; } ]
      else
        (types.listOf form argument).problems where value;
  };
  lineForm = "${form}; or a line for /bin/sh";
in
{
  inherit argv;

  orLine = types.either lineForm [
    {
      test = v: isString v && words v != [ ];
      type = {
        form = "a line for /bin/sh";
        problems = _: _: [ ];
        read =
          line:
          [
            "/bin/sh"
            "-c"
            (if isOneCommand (trim line) then "exec ${trim line}" else line)
          ];
      };
    }
    {
      test = isList;
      type = argv;
    }
  ];

  # The words of a command that was read, also of a line that a shell does nothing with.
  wordsOf =
    command:
    let
      line = elemAt command 2;
      plain = match "exec (.*)" line;
    in
    if
      builtins.length command == 3
      && head command == "/bin/sh"
      && elemAt command 1 == "-c"
      && plain != null
      && !needsShell (head plain)
    then
      words (head plain)
    else
      command;
}
