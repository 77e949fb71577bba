# Derivations from the lock: one for each package file, one for each unit of merged packages.
{ lib, system, runCommand }:
let
  arches = {
    x86_64-linux = {
      arch = "amd64";
      triplet = "x86_64-linux-gnu";
      loader = "lib64/ld-linux-x86-64.so.2";
    };
    aarch64-linux = {
      arch = "arm64";
      triplet = "aarch64-linux-gnu";
      loader = "lib/ld-linux-aarch64.so.1";
    };
  };
  machine =
    arches.${system}
      or (throw "nixpkgs (Debian stand-in): there are no packages for ${system}, only for x86_64-linux and aarch64-linux.");
  inherit (machine) arch triplet;
  lock = lib.importJSON (../lock + "/${arch}.json");

  local = file: hint:
    if builtins.pathExists (../local + file) then ../local + file
    else throw "nixpkgs (Debian stand-in): ${toString ../local + file} is missing; mvmctl writes it. ${hint}";
  mirror = (lib.importJSON (local "/mirror.json" "It names the Debian mirror.")).url;
  seed = builtins.path {
    name = "seed-${arch}";
    path = local "/${arch}" "It holds the busybox that unpacks the first packages.";
  };

  # A store path's name may hold only some of the characters of Debian's versions.
  storeName = lib.stringAsChars (c: if builtins.match "[A-Za-z0-9+._?=-]" c != null then c else "-");
  upstream =
    version:
    let
      withoutEpoch = lib.last (lib.splitString ":" version);
      parts = builtins.match "(.*)-[^-]*" withoutEpoch;
      bare = if parts == null then withoutEpoch else builtins.head parts;
    in
    lib.removeSuffix ".dfsg" (builtins.head (builtins.match "([^+~]*).*" bare));

  files = builtins.mapAttrs (
    name:
    { version, path, sha256, ... }:
    import ./made-here.nix {
      name = storeName "${name}-${version}.deb";
      system = "builtin";
      builder = "builtin:fetchurl";
      url = "${mirror}/${path}";
      urls = [ "${mirror}/${path}" ];
      outputHashMode = "flat";
      outputHashAlgo = "sha256";
      outputHash = sha256;
      executable = false;
      unpack = false;
    }
  ) lock.packages;

  bootstrap = import ./made-here.nix {
    name = "debian-bootstrap";
    inherit system triplet;
    inherit (machine) loader;
    builder = "${seed}/busybox";
    args = [ "sh" ../build/bootstrap.sh ];
    busybox = "${seed}/busybox";
    debs = map (name: files.${name}) [
      "libc6" "libgcc-s1" "libstdc++6" "libcrypt1" "liblzma5" "perl-base" "patchelf" "xz-utils"
    ];
  };

  entries = import ./entries.nix { inherit lib; };
  # What the table says of a unit. Entries that share one are joined, the one with the most packages last.
  special = builtins.mapAttrs (_: lib.foldl' lib.recursiveUpdate { }) (
    builtins.groupBy (entry: unitOf (builtins.head entry.debs)) (
      lib.sortOn (entry: builtins.length entry.debs) (
        map (entry: entry // { debs = map gnuName entry.debs; }) (builtins.attrValues entries)
      )
    )
  );
  gnuName = builtins.replaceStrings [ "@gnu@" ] [ (builtins.replaceStrings [ "_" ] [ "-" ] triplet) ];
  unitOf = package: lock.packages.${package}.unit;

  closureOf =
    unit:
    map (item: item.key) (
      builtins.genericClosure {
        startSet = map (key: { inherit key; }) lock.units.${unit}.depends;
        operator = item: map (key: { inherit key; }) lock.units.${item.key}.depends;
      }
    );
  shellUnits = [ (unitOf "bash") ] ++ closureOf (unitOf "bash");
  lines = lib.concatStringsSep "\n";
  fields = lib.concatStringsSep "\t";

  # `@package@` in a setting stands for the store path of a package that the entry uses.
  pathsOf =
    uses: builtins.replaceStrings (map (name: "@${name}@") uses) (map (name: "${units.${unitOf name}}") uses);

  units = builtins.mapAttrs (
    unit:
    { packages, ... }:
    let
      entry = special.${unit} or { };
      first = if entry ? debs then builtins.head entry.debs else unit;
      version = upstream lock.packages.${first}.version;
      drv = import ./made-here.nix {
        name = storeName "${first}-${version}";
        inherit system bootstrap triplet;
        inherit (machine) loader;
        builder = "${bootstrap}/bin/perl";
        args = [ "-I${bootstrap}/usr/lib/${triplet}/perl-base" ../build/unit.pl ];
        debs = map (name: files.${name}) packages;
        deps = map (name: units.${name}) (closureOf unit);
        shell = if builtins.elem unit shellUnits then "" else units.${unitOf "bash"};
        patch = if builtins.elem "libc6" packages then "0" else "1";
        links = lines (lib.mapAttrsToList (name: target: fields [ name target ]) (entry.links or { }));
        wraps = lines (
          lib.mapAttrsToList (
            name: settings:
            fields ([ name ] ++ lib.mapAttrsToList (key: value: "${key}=${pathsOf (entry.uses or [ ]) value}") settings)
          ) (entry.env or { })
        );
        bindirs = lines (entry.bindirs or [ ]);
        pins = lines (lib.mapAttrsToList (path: to: fields [ path (pathsOf (entry.uses or [ ]) to) ]) (entry.pins or { }));
        texts = lines (entry.texts or [ ]);
        removals = lines (entry.remove or [ ]);
        hook = if entry ? hook then ../build + "/${entry.hook}.sh" else "";
      };
    in
    drv
  ) lock.units;

  inherit (import ./package.nix { inherit lib system runCommand; }) package;
  debianPackage =
    name:
    package {
      drv = units.${unitOf name};
      pname = name;
      version = upstream lock.packages.${name}.version;
      main = name;
      needed = map (unit: units.${unit}) (closureOf (unitOf name));
    };
  debian =
    builtins.mapAttrs (name: _: debianPackage name) lock.packages
    // {
      # For names that are only known when the flake runs: an error that says how to get the package.
      get = name: debian.${name} or (throw "nixpkgs (Debian stand-in): the lock has no Debian package \"${name}\". Write it out in a .nix file of the project: pkgs.debian.\"${name}\"; mvmctl then adds it.");
    };
in
{
  inherit lock files units unitOf gnuName entries debian package debianPackage bootstrap upstream mirror;
}
