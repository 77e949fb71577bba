lib: {
  inherit (builtins) seq deepSeq trace isFunction functionArgs lessThan add sub mul div bitAnd bitOr bitXor tryEval;
  inherit (builtins) isAttrs isBool isInt isFloat isList isString isPath typeOf fromJSON toJSON readFile pathExists ceil floor;
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
      f = if builtins.isFunction fn then fn else import fn;
      wanted = builtins.functionArgs f;
      missing = builtins.filter (name: !wanted.${name} && !(set ? ${name}) && !(args ? ${name})) (builtins.attrNames wanted);
    in
    if missing != [ ] then
      throw "nixpkgs (Debian stand-in): callPackage: the package set has no ${lib.concatStringsSep ", " missing}. Pass it as an argument, take Debian's package (pkgs.debian.<package>), or use the real nixpkgs."
    else
      lib.makeOverridable f (builtins.intersectAttrs wanted set // args);
  callPackagesWith = lib.callPackageWith;
  makeOverridable = f: args:
    let result = f args; in
    if builtins.isAttrs result then
      result // { override = change: lib.makeOverridable f (args // (if builtins.isFunction change then change args else change)); }
    else result;
  inPureEvalMode = !(builtins ? currentSystem);
  version = "25.11-debian";
  trivialVersion = "25.11-debian";
  release = "25.11";
}
