lib: {
  inherit (builtins) concatStringsSep stringLength substring replaceStrings match split hashString compareVersions splitVersion storeDir unsafeDiscardStringContext;
  concatStrings = builtins.concatStringsSep "";
  concatMapStrings = f: list: lib.concatStrings (map f list);
  concatMapStringsSep = separator: f: list: builtins.concatStringsSep separator (map f list);
  concatImapStringsSep = separator: f: list: builtins.concatStringsSep separator (lib.imap1 f list);
  concatMapAttrsStringSep = separator: f: set: builtins.concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = lib.concatMapStrings (line: line + "\n");
  intersperse = separator: list: if list == [ ] then [ ] else builtins.tail (builtins.concatMap (item: [ separator item ]) list);
  optionalString = condition: text: if condition then text else "";
  hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  hasSuffix = suffix: text:
    let n = builtins.stringLength text; m = builtins.stringLength suffix; in n >= m && builtins.substring (n - m) m text == suffix;
  hasInfix = infix: text: builtins.length (builtins.split (lib.escapeRegex infix) text) > 1;
  removePrefix = prefix: text: if lib.hasPrefix prefix text then builtins.substring (builtins.stringLength prefix) (-1) text else text;
  removeSuffix = suffix: text: if lib.hasSuffix suffix text then builtins.substring 0 (builtins.stringLength text - builtins.stringLength suffix) text else text;
  splitString = separator: text: builtins.filter builtins.isString (builtins.split (lib.escapeRegex (toString separator)) (toString text));
  stringToCharacters = text: builtins.genList (i: builtins.substring i 1 text) (builtins.stringLength text);
  stringAsChars = f: text: lib.concatMapStrings f (lib.stringToCharacters text);
  lowerChars = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upperChars = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  toLower = builtins.replaceStrings lib.upperChars lib.lowerChars;
  toUpper = builtins.replaceStrings lib.lowerChars lib.upperChars;
  escape = chars: builtins.replaceStrings chars (map (c: "\\${c}") chars);
  escapeRegex = lib.escape (lib.stringToCharacters "\\[{()^$?*+|.");
  escapeShellArg = arg:
    let text = toString arg; in
    if builtins.match "[[:alnum:],._+:@%/-]+" text != null then text else "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
  escapeShellArgs = lib.concatMapStringsSep " " lib.escapeShellArg;
  escapeNixString = text: lib.escape [ "$" ] (builtins.toJSON text);
  toShellVar = name: value:
    if builtins.isList value then "declare -a ${name}=(${lib.escapeShellArgs value})" else "${name}=${lib.escapeShellArg value}";
  toShellVars = set: builtins.concatStringsSep "\n" (lib.mapAttrsToList lib.toShellVar set);
  isValidPosixName = name: builtins.match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;
  trim = text: let found = builtins.match "[[:space:]]*(.*[^[:space:]])[[:space:]]*" text; in if found == null then "" else builtins.head found;
  fileContents = path: lib.removeSuffix "\n" (builtins.readFile path);
  fixedWidthString = width: filler: text: let n = builtins.stringLength text; in if n >= width then text else lib.fixedWidthString width filler (filler + text);
  fixedWidthNumber = width: n: lib.fixedWidthString width "0" (toString n);
  toInt = text: let n = builtins.fromJSON (builtins.head (builtins.match "[[:space:]]*0*([0-9]+|-[0-9]+)[[:space:]]*" text)); in n;
  isStringLike = x: builtins.isString x || builtins.isPath x || x ? outPath || x ? __toString;
  isConvertibleWithToString = x: lib.isStringLike x || builtins.elem (builtins.typeOf x) [ "int" "float" "bool" "null" "list" ];
  isStorePath = x: lib.isStringLike x && dirOf (toString x) == builtins.storeDir;
  versionAtLeast = a: b: builtins.compareVersions a b >= 0;
  versionOlder = a: b: builtins.compareVersions a b < 0;
  getName = x: if builtins.isString x then (builtins.parseDrvName x).name else x.pname or (builtins.parseDrvName x.name).name;
  getVersion = x: if builtins.isString x then (builtins.parseDrvName x).version else x.version or (builtins.parseDrvName x.name).version;
  major = version: builtins.elemAt (builtins.splitVersion version) 0;
  minor = version: builtins.elemAt (builtins.splitVersion version) 1;
  majorMinor = version: lib.concatStringsSep "." (lib.take 2 (builtins.splitVersion version));
  generators = {
    toJSON = _: builtins.toJSON;
    toKeyValue = _: set: lib.concatStrings (lib.mapAttrsToList (name: value: "${name}=${toString value}\n") set);
    toINI = _: set: builtins.concatStringsSep "\n" (lib.mapAttrsToList (section: values: "[${section}]\n${lib.generators.toKeyValue { } values}") set);
    toYAML = _: builtins.toJSON;
    toPretty = _: builtins.toJSON;
  };
}
