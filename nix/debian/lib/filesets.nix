# lib.fileset: a set is the folder below which it looks, and a test of each file there.
lib:
let
  refuse = what: throw "nixpkgs.lib.fileset.${what}: the stand-in made of Debian packages lacks it. Use lib.fileset.unions, difference or fileFilter, or lib.cleanSourceWith.";
  # Both without the context of a store path, and without a trailing slash.
  text = path: builtins.unsafeDiscardStringContext (toString path);
  isBelow = folder: path: path == folder || lib.hasPrefix "${folder}/" path;
  make = test: { _type = "fileset"; inherit test; };
  isSet = value: value._type or "" == "fileset";
  coerce =
    what: value:
    if isSet value then
      value
    else if value ? origSrc || !(builtins.isPath value || value ? outPath) then
      throw "lib.fileset.${what}: expected a path or a file set, but got a ${builtins.typeOf value}. Write a string as a path: ./. + \"/name\"."
    else if !builtins.pathExists value then
      throw "lib.fileset.${what}: ${toString value} does not exist. If it may be missing, use lib.fileset.maybeMissing."
    else
      make (path: isBelow (text value) path);
  union = a: b: make (path: a.test path || b.test path);
  # Folders of a set without any file of it are left out.
  hasFile =
    test: folder:
    let
      entries = builtins.readDir folder;
    in
    lib.any (
      name:
      let
        path = "${folder}/${name}";
      in
      if entries.${name} == "directory" then hasFile test path else test (text path)
    ) (builtins.attrNames entries);
in
{
  fileset = {
    toSource =
      { root, fileset }:
      let
        set = coerce "toSource" fileset;
      in
      if !builtins.isPath root && !(root ? outPath) then
        throw "lib.fileset.toSource: `root` must be a path, such as ./., but is a ${builtins.typeOf root}."
      else
        builtins.path {
          name = "source";
          path = root;
          filter = path: type: if type == "directory" then hasFile set.test path else set.test (text path);
        };
    union = a: b: union (coerce "union" a) (coerce "union" b);
    unions = sets: builtins.foldl' union (make (_: false)) (map (coerce "unions") sets);
    intersection = a: b: let x = coerce "intersection" a; y = coerce "intersection" b; in make (path: x.test path && y.test path);
    difference = a: b: let x = coerce "difference" a; y = coerce "difference" b; in make (path: x.test path && !y.test path);
    fileFilter =
      wanted: folder:
      make (
        path:
        isBelow (text folder) path
        && wanted rec {
          name = baseNameOf path;
          type = "regular";
          hasExt = extension: lib.hasSuffix ".${extension}" name;
        }
      );
    maybeMissing = path: if builtins.pathExists path then coerce "maybeMissing" path else make (_: false);
    fromSource = source: coerce "fromSource" (source.origSrc or source);
    # A flake's source is what Git tracks.
    gitTracked = coerce "gitTracked";
    gitTrackedWith = _: coerce "gitTrackedWith";
    isFileset = isSet;
    trace = _: value: value;
    traceVal = value: value;
    toList = refuse "toList";
    empty = make (_: false);
  };
}
