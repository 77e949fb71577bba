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
  toIntBase10 = lib.toInt;
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
  addContextFrom = src: text: builtins.substring 0 0 src + text;
  appendContext = builtins.appendContext;
  charToInt = c: lib.findFirst (n: builtins.elemAt lib.asciiChars n == c) null (lib.range 0 94) + 32;
  asciiChars = lib.stringToCharacters " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  escapeC = list: lib.stringAsChars (c: if builtins.elem c list then "\\x${lib.toLower (lib.toHexString (lib.charToInt c))}" else c);
  escapeURL = text: lib.stringAsChars (c: if builtins.match "[A-Za-z0-9_.~-]" c != null then c else "%${lib.fixedWidthString 2 "0" (lib.toHexString (lib.charToInt c))}") text;
  escapeXML = builtins.replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];
  escapeNixIdentifier = text: if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" text != null then text else lib.escapeNixString text;
  removeTrailingNewline = lib.removeSuffix "\n";
  trimWith = { start ? false, end ? false }: text:
    let left = if start then builtins.head (builtins.match "[[:space:]]*(.*)" text) else text; in
    if end then (let found = builtins.match "(.*[^[:space:]])[[:space:]]*" left; in if found == null then "" else builtins.head found) else left;
  toSentenceCase = text: lib.toUpper (builtins.substring 0 1 text) + lib.toLower (builtins.substring 1 (-1) text);
  toCamelCase = text:
    let parts = builtins.filter (part: part != "") (builtins.filter builtins.isString (builtins.split "[-_ ]+" text)); in
    lib.toLower (lib.head parts) + lib.concatMapStrings lib.toSentenceCase (lib.tail parts);
  splitStringBy = throw "nixpkgs.lib.splitStringBy: the stand-in made of Debian packages lacks it; use lib.splitString.";
  commonPrefixLength = a: b: let n = lib.min (builtins.stringLength a) (builtins.stringLength b); in lib.findFirst (i: builtins.substring i 1 a != builtins.substring i 1 b) n (lib.range 0 (n - 1));
  levenshtein = a: b:
    let
      m = builtins.stringLength b;
      at = i: text: builtins.substring i 1 text;
      first = builtins.genList (i: i) (m + 1);
      step = row: i: builtins.foldl' (new: j: new ++ [
        (lib.min (lib.min (lib.last new + 1) (builtins.elemAt row (j + 1) + 1)) (builtins.elemAt row j + (if at i a == at j b then 0 else 1)))
      ]) [ (i + 1) ] (builtins.genList (j: j) m);
    in
    lib.last (builtins.foldl' step first (builtins.genList (i: i) (builtins.stringLength a)));
  levenshteinAtMost = k: a: b: lib.levenshtein a b <= k;
  # `, but a, b`: names of a set that a wrong one may have meant; empty where none is near.
  nearestOf = name: set:
    let
      length = builtins.stringLength name;
      far = lib.max 1 (length / 3);
      like = builtins.filter (other: let n = builtins.stringLength other; in n - length <= far && length - n <= far) (builtins.attrNames set);
      near = builtins.filter (other: lib.hasPrefix name other || lib.levenshtein (lib.toLower name) (lib.toLower other) <= far) like;
    in
    lib.optionalString (near != [ ]) " (near it: ${lib.concatStringsSep ", " (lib.take 3 (lib.sortOn (other: lib.levenshtein name other) near))})";
  cmakeOptionType = type: name: value: "-D${name}:${type}=${value}";
  cmakeBool = name: value: lib.cmakeOptionType "BOOL" name (if value then "TRUE" else "FALSE");
  cmakeFeature = lib.cmakeOptionType "STRING";
  mesonBool = name: value: "-D${name}=${lib.boolToString value}";
  mesonEnable = name: value: "-D${name}=${if value then "enabled" else "disabled"}";
  mesonOption = name: value: "-D${name}=${value}";
  enableFeature = on: name: "--${if on then "enable" else "disable"}-${name}";
  enableFeatureAs = on: name: value: lib.enableFeature on name + lib.optionalString on "=${value}";
  withFeature = on: name: "--${if on then "with" else "without"}-${name}";
  withFeatureAs = on: name: value: lib.withFeature on name + lib.optionalString on "=${value}";
  nameFromURL = url: separator: lib.head (lib.splitString separator (baseNameOf url));
  sanitizeDerivationName = text: lib.stringAsChars (c: if builtins.match "[A-Za-z0-9+._?=-]" c != null then c else "-") (baseNameOf (builtins.unsafeDiscardStringContext (toString text)));
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = "0000000000000000000000000000000000000000000000000000000000000000";
  fakeSha512 = lib.fakeSha256 + lib.fakeSha256;
  cli = {
    toGNUCommandLine = _: options: builtins.concatLists (lib.mapAttrsToList (
      name: value:
      let flag = if builtins.stringLength name == 1 then "-${name}" else "--${name}"; in
      if value == true then [ flag ] else if value == false || value == null then [ ]
      else if builtins.isList value then builtins.concatMap (item: [ flag (toString item) ]) value else [ flag (toString value) ]
    ) options);
    toGNUCommandLineShell = given: options: lib.escapeShellArgs (lib.cli.toGNUCommandLine given options);
  };
  toGNUCommandLine = lib.cli.toGNUCommandLine;
  toGNUCommandLineShell = lib.cli.toGNUCommandLineShell;
}
