# The builders that write a text or a script.
{ lib, runCommand, shell }:
let
  writeTextFile =
    {
      name,
      text,
      executable ? false,
      destination ? "",
      checkPhase ? "",
      meta ? { },
      derivationArgs ? { },
      ...
    }:
    let
      program = lib.optionalAttrs (executable && destination != "") { mainProgram = baseNameOf destination; };
      given = { inherit text; passAsFile = [ "text" ]; meta = program // meta; };
    in
    runCommand name (given // derivationArgs) ''
      target=$out${lib.escapeShellArg destination}
      mkdir -p "$(dirname "$target")"
      cp "$textPath" "$target"
      ${lib.optionalString executable ''chmod +x "$target"''}
      ${checkPhase}
    '';
  script = text: "#!${shell}\n${text}";
  checkSyntax = ''${shell} -n "$target"'';
in
{
  inherit writeTextFile;
  writeText = name: text: writeTextFile { inherit name text; };
  writeTextDir = path: text: writeTextFile { name = baseNameOf path; inherit text; destination = "/${path}"; };
  writeScript = name: text: writeTextFile { inherit name text; executable = true; };
  writeScriptBin = name: text: writeTextFile { inherit name text; executable = true; destination = "/bin/${name}"; };
  writeShellScript = name: text: writeTextFile { inherit name; executable = true; text = script text; checkPhase = checkSyntax; };
  writeShellScriptBin = name: text: writeTextFile {
    inherit name;
    executable = true;
    destination = "/bin/${name}";
    text = script text;
    checkPhase = checkSyntax;
  };
  writeShellApplication =
    {
      name,
      text,
      runtimeInputs ? [ ],
      runtimeEnv ? null,
      meta ? { },
      checkPhase ? null,
      bashOptions ? [ "errexit" "nounset" "pipefail" ],
      inheritPath ? true,
      ...
    }:
    writeTextFile {
      inherit name meta;
      executable = true;
      destination = "/bin/${name}";
      text = script (
        lib.concatMapStrings (option: "set -o ${option}\n") bashOptions
        + lib.optionalString (runtimeEnv != null) (lib.concatStrings (lib.mapAttrsToList (key: value: "export ${lib.toShellVar key value}\n") runtimeEnv))
        + lib.optionalString (runtimeInputs != [ ]) ''export PATH="${lib.makeBinPath runtimeInputs}${lib.optionalString inheritPath ":$PATH"}"'' + "\n"
        + text + "\n"
      );
      checkPhase = if checkPhase == null then checkSyntax else checkPhase;
    };
}
