lib: {
  cleanSource = src: lib.cleanSourceWith { inherit src; filter = lib.cleanSourceFilter; };
  cleanSourceFilter = path: type:
    let name = baseNameOf (toString path); in
    !(builtins.elem name [ ".git" ".svn" ".hg" "CVS" ] || lib.hasSuffix "~" name || builtins.match "\\.sw[a-z]|.*\\.sw[a-z]" name != null
      || (type == "symlink" && lib.hasPrefix "result" name) || type == "unknown");
  # As nixpkgs has it: a filter of what is filtered already sees the paths of the source.
  cleanSourceWith = { src, filter ? _: _: true, name ? null }:
    let
      origSrc = src.origSrc or src;
      both = if src ? filter then path: type: filter path type && src.filter path type else filter;
      named = if name != null then name else src.name or "source";
    in
    { inherit origSrc; filter = both; name = named; _isLibCleanSourceWith = true; outPath = builtins.path { name = named; path = origSrc; filter = both; }; };
  sourceByRegex = src: patterns:
    let root = toString (src.origSrc or src); in
    lib.cleanSourceWith {
      inherit src;
      filter = path: _: lib.any (pattern: builtins.match pattern (lib.removePrefix "${root}/" (toString path)) != null) patterns;
    };
  sourceFilesBySuffices = src: suffixes: lib.cleanSourceWith {
    inherit src;
    filter = path: type: type == "directory" || lib.any (suffix: lib.hasSuffix suffix (baseNameOf path)) suffixes;
  };
  trace = src: src;
  pathType = path: if builtins ? readFileType then builtins.readFileType path else (builtins.readDir (dirOf path)).${baseNameOf path};
  pathIsDirectory = path: builtins.pathExists path && lib.pathType path == "directory";
  pathIsRegularFile = path: builtins.pathExists path && lib.pathType path == "regular";
  pathHasContext = builtins.hasContext;
  canCleanSource = src: src ? _isLibCleanSourceWith || !(builtins.hasContext (toString src));
  filesystem = {
    inherit (lib) pathType pathIsDirectory pathIsRegularFile;
    listFilesRecursive = dir: lib.flatten (lib.mapAttrsToList (
      name: type: if type == "directory" then lib.filesystem.listFilesRecursive (dir + "/${name}") else dir + "/${name}"
    ) (builtins.readDir dir));
    packagesFromDirectoryRecursive = { callPackage, directory, ... }: lib.concatMapAttrs (
      name: type:
      if type == "directory" then { ${name} = if builtins.pathExists (directory + "/${name}/package.nix") then callPackage (directory + "/${name}/package.nix") { } else lib.filesystem.packagesFromDirectoryRecursive { inherit callPackage; directory = directory + "/${name}"; }; }
      else lib.optionalAttrs (lib.hasSuffix ".nix" name) { ${lib.removeSuffix ".nix" name} = callPackage (directory + "/${name}") { }; }
    ) (builtins.readDir directory);
  };
  inherit (lib.filesystem) packagesFromDirectoryRecursive;
  path = {
    append = base: below: base + "/${below}";
    hasPrefix = a: b: lib.hasPrefix "${toString a}/" "${toString b}/";
    removePrefix = a: b: "./${lib.removePrefix "${toString a}/" (toString b)}";
    splitRoot = path: { root = /.; subpath = "./${lib.removePrefix "/" (toString path)}"; };
    subpath = { isValid = lib.isString; join = parts: lib.concatStringsSep "/" parts; normalise = part: part; };
  };
}
