lib: {
  getOutput = output: pkg: if pkg ? outputSpecified && pkg.outputSpecified then pkg else pkg.${output} or pkg.out or pkg;
  getBin = lib.getOutput "bin";
  getLib = lib.getOutput "lib";
  getDev = lib.getOutput "dev";
  getMan = lib.getOutput "man";
  makeSearchPath = below: paths: lib.concatMapStringsSep ":" (path: "${path}/${below}") (builtins.filter (path: path != null) paths);
  makeSearchPathOutput = output: below: paths: lib.makeSearchPath below (map (lib.getOutput output) paths);
  makeBinPath = lib.makeSearchPathOutput "bin" "bin";
  # Debian keeps libraries in a folder of the machine's name.
  makeLibraryPath = paths: lib.concatMapStringsSep ":" (path: "${lib.getLib path}/lib:${lib.getLib path}/lib/${if lib.hasPrefix "aarch64" (path.system or "") then "aarch64" else "x86_64"}-linux-gnu") paths;
  getExe = pkg: lib.getExe' pkg (pkg.meta.mainProgram or (lib.getName pkg));
  getExe' = pkg: name: "${lib.getBin pkg}/bin/${name}";
  setName = name: pkg: pkg // { inherit name; };
  addMetaAttrs = meta: pkg: pkg // { meta = (pkg.meta or { }) // meta; };
  hiPrio = pkg: pkg;
  lowPrio = pkg: pkg;
  setPrio = _: pkg: pkg;
  extendDerivation = condition: extra: pkg: assert condition; pkg // extra;
  appendToName = suffix: pkg: pkg // { name = "${pkg.name}-${suffix}"; };
  maintainers = { };
  teams = { };
  licenses = lib.genAttrs [ "mit" "asl20" "bsd2" "bsd3" "gpl2" "gpl2Only" "gpl2Plus" "gpl3" "gpl3Only" "gpl3Plus" "lgpl21" "lgpl3" "agpl3" "agpl3Only" "agpl3Plus" "mpl20" "isc" "unlicense" "cc0" "free" "unfree" "unfreeRedistributable" "publicDomain" "zlib" "boost" "psfl" ] (name: { shortName = name; fullName = name; free = !lib.hasPrefix "unfree" name; });
  platforms = {
    all = [ "x86_64-linux" "aarch64-linux" ];
    linux = [ "x86_64-linux" "aarch64-linux" ];
    unix = [ "x86_64-linux" "aarch64-linux" ];
    x86_64 = [ "x86_64-linux" ];
    aarch64 = [ "aarch64-linux" ];
    darwin = [ ];
  };
  systems = {
    flakeExposed = [ "x86_64-linux" "aarch64-linux" ];
    doubles = lib.platforms;
    elaborate = system: { inherit system; };
  };
  sourceTypes = { };
}
