# The table: attribute name to Debian packages, from table/*.json.
{ lib }:
lib.foldl' (all: file: all // lib.importJSON (../table + "/${file}")) { } (
  builtins.filter (lib.hasSuffix ".json") (builtins.attrNames (builtins.readDir ../table))
)
