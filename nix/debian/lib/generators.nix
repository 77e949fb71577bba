# Data as text.
lib:
let
  plain = value: if value == true then "true" else if value == false then "false" else if value == null then "null" else toString value;
  # Tables within tables are written inline.
  toml =
    value:
    if builtins.isAttrs value && !(value ? outPath) then
      "{ ${lib.concatStringsSep ", " (lib.mapAttrsToList (name: item: "${tomlKey name} = ${toml item}") (lib.filterAttrs (_: item: item != null) value))} }"
    else if builtins.isList value then
      "[${lib.concatMapStringsSep ", " toml value}]"
    else if builtins.isBool value || builtins.isInt value || builtins.isFloat value then
      plain value
    else
      builtins.toJSON "${value}";
  tomlKey = name: if builtins.match "[A-Za-z0-9_-]+" name != null then name else builtins.toJSON name;
  toKeyValue =
    { mkKeyValue ? lib.generators.mkKeyValueDefault { } "=", listsAsDuplicateKeys ? false, indent ? "" }:
    set:
    lib.concatStrings (
      lib.flatten (
        lib.mapAttrsToList (
          name: value:
          map (item: "${indent}${mkKeyValue name item}\n") (if listsAsDuplicateKeys && builtins.isList value then value else [ value ])
        ) set
      )
    );
in
{
  generators = {
    inherit toKeyValue;
    mkValueStringDefault = _: plain;
    mkKeyValueDefault = { mkValueString ? plain }: separator: name: value: "${lib.escape [ separator ] name}${separator}${mkValueString value}";
    toJSON = _: builtins.toJSON;
    toYAML = _: builtins.toJSON;
    toINI =
      { mkSectionName ? name: name, ... }@options:
      set:
      builtins.concatStringsSep "\n" (
        lib.mapAttrsToList (section: values: "[${mkSectionName section}]\n${toKeyValue (builtins.removeAttrs options [ "mkSectionName" ]) values}") set
      );
    toINIWithGlobalSection = options: { globalSection ? { }, sections ? { } }:
      toKeyValue { } globalSection + lib.optionalString (globalSection != { }) "\n" + lib.generators.toINI options sections;
    toGitINI = lib.generators.toINI { };
    toTOML = set: lib.concatStrings (lib.mapAttrsToList (name: value: "${tomlKey name} = ${toml value}\n") (lib.filterAttrs (_: item: item != null) set));
    toPretty = _: builtins.toJSON;
    toLua = throw "nixpkgs.lib.generators.toLua: the stand-in made of Debian packages lacks it; write the text itself.";
    toPlist = throw "nixpkgs.lib.generators.toPlist: the stand-in made of Debian packages lacks it; write the text itself.";
    toDhall = throw "nixpkgs.lib.generators.toDhall: the stand-in made of Debian packages lacks it; write the text itself.";
  };
}
