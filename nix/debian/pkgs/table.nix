# The attributes of the table as packages.
{ lib, units }:
builtins.mapAttrs (
  name: entry:
  let
    first = units.gnuName (builtins.head entry.debs);
  in
  units.package {
    drv = units.units.${units.unitOf first};
    pname = name;
    version = units.upstream units.lock.packages.${first}.version;
    main = entry.main or name;
    debs = map units.gnuName entry.debs;
  }
) units.entries
