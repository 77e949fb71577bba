lib: {
  inherit (builtins) seq deepSeq trace lessThan add sub mul div bitAnd bitOr bitXor tryEval;
  inherit (builtins) isAttrs isBool isInt isFloat isList isString isPath typeOf fromJSON toJSON readFile pathExists ceil floor;
  isFunction = f: builtins.isFunction f || (f ? __functor && lib.isFunction (f.__functor f));
  functionArgs = f: if f ? __functor then f.__functionArgs or (lib.functionArgs (f.__functor f)) else builtins.functionArgs f;
  id = x: x;
  const = x: _: x;
  flip = f: a: b: f b a;
  pipe = builtins.foldl' (x: f: f x);
  and = a: b: a && b;
  or = a: b: a || b;
  not = a: !a;
  xor = a: b: a != b;
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mod = a: b: a - b * (a / b);
  boolToString = b: if b then "true" else "false";
  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);
  fix = f: let x = f x; in x;
  extends = overlay: f: self: let super = f self; in super // overlay self super;
  composeExtensions = f: g: self: super: let fa = f self super; in fa // g self (super // fa);
  composeManyExtensions = lib.foldr lib.composeExtensions (_: _: { });
  makeExtensible = f: lib.fix (self: f self // { extend = g: lib.makeExtensible (lib.extends g f); });
  toFunction = v: if builtins.isFunction v then v else _: v;
  setFunctionArgs = f: args: { __functor = _: f; __functionArgs = args; };
  extendsWithExclusion = excluded: lib.extends;
  fix' = f: let x = f x // { __unfix__ = f; }; in x;
  converge = f: x: let next = f x; in if next == x then x else lib.converge f next;
  toExtension = f: final: previous: if !builtins.isFunction f then f else let once = f previous; in if builtins.isFunction once then f final previous else once;
  makeExtensibleWithCustomName = name: f: lib.fix (self: f self // { ${name} = g: lib.makeExtensibleWithCustomName name (lib.extends g f); });
  mirrorFunctionArgs = from: lib.setFunctionArgs' (lib.functionArgs from);
  setFunctionArgs' = args: f: lib.setFunctionArgs f args;
  makeScope = newScope: f:
    let
      self = f self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = g: lib.makeScope newScope (lib.extends g f);
        packages = f;
      };
    in
    self;
  importApply = file: args: import file args;
  nixpkgsVersion = lib.version;
  isInOldestRelease = _: false;
  oldestSupportedRelease = 2505;
  codeName = "debian";
  toBaseDigits = base: n: let go = i: if i < base then [ i ] else go (i / base) ++ [ (lib.mod i base) ]; in go n;
  toHexString = n: lib.concatMapStrings (digit: builtins.substring digit 1 "0123456789ABCDEF") (lib.toBaseDigits 16 n);
  fromHexString = text: (builtins.fromTOML "n = 0x${lib.removePrefix "0x" text}").n;
  compare = a: b: if a < b then -1 else if a > b then 1 else 0;
  splitByAndCompare = test: yes: no: a: b: if test a then (if test b then yes a b else -1) else if test b then 1 else no a b;
  concat = a: b: a ++ b;
  implies = a: b: !a || b;
  nonNull = value: value != null;
  mapNullable = f: value: if value == null then null else f value;
  checkListOfEnum = message: valid: given: value: if lib.subtractLists valid given == [ ] then value else throw "${message}: ${lib.concatStringsSep ", " (lib.subtractLists valid given)} is not one of ${lib.concatStringsSep ", " valid}";
  assertOneOf = name: value: valid: lib.assertMsg (builtins.elem value valid) "${name} must be one of ${lib.concatMapStringsSep ", " toString valid}, but is ${toString value}";
  assertEachOneOf = name: values: valid: lib.all (value: lib.assertOneOf name value valid) values;
  warnIfNot = condition: lib.warnIf (!condition);
  traceIf = condition: message: value: if condition then builtins.trace message value else value;
  traceValFn = f: value: builtins.trace (f value) value;
  traceSeq = shown: value: builtins.trace (builtins.deepSeq shown shown) value;
  traceValSeqFn = f: value: lib.traceSeq (f value) value;
  traceSeqN = _: lib.traceSeq;
  traceFnSeqN = _: _: f: f;
  warn = message: builtins.trace "warning: ${message}";
  warnIf = condition: message: if condition then lib.warn message else x: x;
  throwIf = condition: message: if condition then throw message else x: x;
  throwIfNot = condition: message: if condition then x: x else throw message;
  assertMsg = condition: message: condition || throw message;
  traceVal = x: builtins.trace x x;
  traceValSeq = x: builtins.trace (builtins.deepSeq x x) x;
  defaultTo = default: x: if x == null then default else x;
  callPackageWith = set: fn: args:
    let
      f = if lib.isFunction fn then fn else import fn;
      wanted = lib.functionArgs f;
      missing = builtins.filter (name: !wanted.${name} && !(set ? ${name}) && !(args ? ${name})) (builtins.attrNames wanted);
    in
    if missing != [ ] then
      throw "nixpkgs (Debian stand-in): callPackage: the package set has no ${lib.concatStringsSep ", " missing}${lib.nearestOf (lib.head missing) set}. Pass it as an argument, take Debian's package (pkgs.debian.<package>), or use the real nixpkgs."
    else
      lib.makeOverridable f (builtins.intersectAttrs wanted set // args);
  callPackagesWith = lib.callPackageWith;
  makeOverridable = f: args:
    let
      result = f args;
      override = change: lib.makeOverridable f (args // (if builtins.isFunction change then change args else change));
    in
    if builtins.isAttrs result then
      result // { inherit override; }
      # What was overridden can be overridden again.
      // lib.optionalAttrs (result ? overrideAttrs) { overrideAttrs = change: lib.makeOverridable (given: (f given).overrideAttrs change) args; }
    else if builtins.isFunction result then { __functor = _: result; __functionArgs = builtins.functionArgs result; inherit override; }
    else result;
  inPureEvalMode = !(builtins ? currentSystem);
  version = "25.11-debian";
  trivialVersion = "25.11-debian";
  release = "25.11";
}
