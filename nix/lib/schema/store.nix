# What Nix can turn into a path: paths, packages and their outputs, flakes (`self`, an input), strings in the store.
let
  inherit (builtins)
    concatStringsSep
    filter
    hasContext
    isAttrs
    isPath
    isString
    match
    readDir
    split
    storeDir
    stringLength
    substring
    ;
  begins = prefix: text: substring 0 (stringLength prefix) text == prefix;
  # Names in the store have only these, and no dot in front.
  storeName =
    name:
    let
      parts = filter isString (split "[^A-Za-z0-9+._?=-]+" name);
      plain = substring 0 200 (concatStringsSep "-" parts);
    in
    if match "[.].*|" plain != null then "_${plain}" else plain;
  copied =
    path:
    let
      name = baseNameOf path;
    in
    # A link leads to something next to it. The store itself can't be read.
    if match ".*${storeDir}" (toString (dirOf path)) == null && (readDir (dirOf path)).${name} or null == "symlink" then
      "${copied (dirOf path)}/${name}"
    # As Nix would on its own, if it can.
    else if storeName name == name then
      "${path}"
    else
      builtins.path {
        inherit path;
        name = storeName name;
      };
in
rec {
  inherit storeName;
  # One line, so that a text that only begins so is none.
  isStorePath = v: isString v && begins "${storeDir}/" v && stringLength v < 4096 && match "[^\n]+" v != null;
  isSource = v: isPath v || isStorePath v || (isAttrs v && (v ? outPath || v ? __toString));

  # The path in the store, as a string that brings what it names along.
  inStore =
    value:
    if isPath value then
      copied value
    else if isStorePath value && !hasContext value then
      # A file of the flake by `toString`: nothing says yet that it is needed.
      copied (/. + value)
    else if isString value then
      value
    else
      "${value}";
}
