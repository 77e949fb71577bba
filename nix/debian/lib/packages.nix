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
  getFirstOutput = outputs: default: pkg: lib.getOutput (lib.findFirst (name: pkg ? ${name}) default outputs) pkg;
  getInclude = lib.getOutput "dev";
  getStatic = lib.getOutput "static";
  chooseDevOutputs = map lib.getDev;
  makeIncludePath = lib.makeSearchPathOutput "dev" "include";
  makePerlPath = lib.makeSearchPathOutput "lib" "lib/perl5/site_perl";
  availableOn = platform: pkg: builtins.elem platform.system (pkg.meta.platforms or lib.platforms.all);
  platformMatch = platform: wanted: wanted == platform.system;
  hydraJob = drv: drv;
  mapDerivationAttrset = f: lib.mapAttrs (_: value: if lib.isDerivation value then f value else value);
  updateName = change: pkg: pkg // { name = change pkg.name; };
  getLicenseFromSpdxId = id: lib.findFirst (license: lib.toLower license.spdxId or "" == lib.toLower id) { shortName = id; } (builtins.attrValues lib.licenses);
  hiPrio = pkg: pkg;
  lowPrio = pkg: pkg;
  setPrio = _: pkg: pkg;
  extendDerivation = condition: extra: pkg: assert condition; pkg // extra;
  appendToName = suffix: pkg: pkg // { name = "${pkg.name}-${suffix}"; };
  maintainers = { };
  teams = { };
  licenses = lib.genAttrs [ "mit" "asl20" "bsd2" "bsd3" "gpl2" "gpl2Only" "gpl2Plus" "gpl3" "gpl3Only" "gpl3Plus" "lgpl21" "lgpl3" "agpl3" "agpl3Only" "agpl3Plus" "mpl20" "isc" "unlicense" "cc0" "free" "unfree" "unfreeRedistributable" "publicDomain" "zlib" "boost" "psfl" ] (name: { shortName = name; fullName = name; free = !lib.hasPrefix "unfree" name; });
  sourceTypes = { };
}
