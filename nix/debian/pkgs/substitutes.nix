# Builders that fill in a template, and those that write data.
{ lib, pkgs, runCommand }:
let
  fileName = src: lib.last (builtins.match "([0-9a-z]{32}-)?(.*)" (baseNameOf (builtins.unsafeDiscardStringContext (toString src))));
  replaceVarsWith =
    {
      src,
      replacements,
      name ? fileName src,
      dir ? null,
      isExecutable ? false,
      postInstall ? "",
      ...
    }@args:
    runCommand name (lib.optionalAttrs (args ? meta) { inherit (args) meta; }) ''
      target=$out${lib.optionalString (dir != null) "/${dir}/${name}"}
      mkdir -p "$(dirname "$target")"
      cp ${src} "$target"
      chmod +w "$target"
      ${lib.concatMapStrings (
        key:
        # Null leaves the name as it stands.
        lib.optionalString (replacements.${key} != null)
          "substituteInPlace \"$target\" --replace-fail ${lib.escapeShellArgs [ "@${key}@" "${toString replacements.${key}}" ]}\n"
      ) (builtins.attrNames replacements)}
      left=$(grep -oE '@[a-zA-Z_][0-9A-Za-z_-]*@' "$target" | grep -vxF -e ${
        lib.escapeShellArg (lib.concatMapStringsSep "\n" (key: "@${key}@") (
          [ "" ] ++ builtins.filter (key: replacements.${key} == null) (builtins.attrNames replacements)
        ))
      } | sort -u || true)
      [ -z "$left" ] || die "replaceVars: ${name} still has" $left
      ${lib.optionalString isExecutable ''chmod +x "$target"''}
      ${postInstall}
    '';

  format = generate: { type = throw "nixpkgs (Debian stand-in): pkgs.formats has no `type`: there are no NixOS modules."; inherit generate; };
  text = render: name: value: pkgs.writeText name (render value);
  pythonScript =
    { libraries ? [ ], ... }:
    code:
    let
      python = if libraries == [ ] then pkgs.python3 else pkgs.python3.withPackages (_: libraries);
    in
    "#!${python}/bin/python3\n${code}";
in
{
  inherit replaceVarsWith;
  replaceVars = src: replacements: replaceVarsWith { inherit src replacements; };
  # Every attribute is a variable of the template, as in the shell's substituteAll.
  substituteAll =
    { src, name ? fileName src, dir ? null, isExecutable ? false, postInstall ? "", meta ? { }, ... }@args:
    runCommand name (builtins.removeAttrs args [ "name" "dir" "isExecutable" "postInstall" ]) ''
      target=$out${lib.optionalString (dir != null) "/${dir}/${name}"}
      mkdir -p "$(dirname "$target")"
      substituteAll ${src} "$target"
      ${lib.optionalString isExecutable ''chmod +x "$target"''}
      ${postInstall}
    '';
  substitute =
    { src, substitutions ? [ ], replacements ? [ ], name ? fileName src, isExecutable ? false, ... }:
    runCommand name { } ''
      cp ${src} $out
      chmod +w $out
      substituteInPlace $out ${lib.escapeShellArgs (lib.flatten (substitutions ++ replacements))}
      ${lib.optionalString isExecutable "chmod +x $out"}
    '';
  formats = {
    json = _: format (text builtins.toJSON);
    # JSON is YAML.
    yaml = _: format (text builtins.toJSON);
    toml = _: format (text lib.generators.toTOML);
    ini = options: format (text (lib.generators.toINI (builtins.removeAttrs options [ "listsAsDuplicateKeys" "listToValue" ])));
    keyValue = _: format (text (lib.generators.toKeyValue { }));
  };
  writers = {
    writeBash = pkgs.writeShellScript;
    writeBashBin = pkgs.writeShellScriptBin;
    writeJSON = text builtins.toJSON;
    writeYAML = text builtins.toJSON;
    writeTOML = text lib.generators.toTOML;
    writeText = pkgs.writeText;
    writePython3 = name: options: code: pkgs.writeScript name (pythonScript options code);
    writePython3Bin = name: options: code: pkgs.writeScriptBin name (pythonScript options code);
  };
  concatTextFile =
    { name, files, executable ? false, destination ? "", ... }:
    runCommand name { } ''
      target=$out${lib.escapeShellArg destination}
      mkdir -p "$(dirname "$target")"
      cat ${lib.concatMapStringsSep " " (file: "${file}") files} >"$target"
      ${lib.optionalString executable ''chmod +x "$target"''}
    '';
  concatText = name: files: pkgs.concatTextFile { inherit name files; };
}
