lib: {
  inherit (builtins) attrNames attrValues listToAttrs removeAttrs getAttr hasAttr intersectAttrs mapAttrs catAttrs zipAttrsWith;
  genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
  nameValuePair = name: value: { inherit name value; };
  mapAttrs' = f: set: builtins.listToAttrs (lib.mapAttrsToList f set);
  mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
  attrsToList = lib.mapAttrsToList lib.nameValuePair;
  concatMapAttrs = f: set: lib.mergeAttrsList (lib.mapAttrsToList f set);
  mergeAttrs = a: b: a // b;
  mergeAttrsList = builtins.foldl' (a: b: a // b) { };
  filterAttrs = keep: set: builtins.removeAttrs set (builtins.filter (name: !keep name set.${name}) (builtins.attrNames set));
  genAttrs' = items: f: builtins.listToAttrs (map f items);
  optionalAttrs = condition: set: if condition then set else { };
  attrByPath = path: default: set:
    if path == [ ] then set
    else if builtins.isAttrs set && set ? ${builtins.head path} then lib.attrByPath (builtins.tail path) default set.${builtins.head path}
    else default;
  hasAttrByPath = path: set:
    path == [ ] || (builtins.isAttrs set && set ? ${builtins.head path} && lib.hasAttrByPath (builtins.tail path) set.${builtins.head path});
  getAttrFromPath = path: set: lib.attrByPath path (throw "cannot find attribute '${lib.concatStringsSep "." path}'") set;
  setAttrByPath = path: value: if path == [ ] then value else { ${builtins.head path} = lib.setAttrByPath (builtins.tail path) value; };
  getAttrs = names: set: lib.genAttrs names (name: set.${name});
  foldlAttrs = f: start: set: builtins.foldl' (all: name: f all name set.${name}) start (builtins.attrNames set);
  recursiveUpdateUntil = stop: a: b:
    let
      go = path: l: r:
        l // builtins.mapAttrs (name: value:
          if l ? ${name} && !stop (path ++ [ name ]) l.${name} value then go (path ++ [ name ]) l.${name} value else value) r;
    in
    go [ ] a b;
  recursiveUpdate = lib.recursiveUpdateUntil (_: l: r: !(builtins.isAttrs l && builtins.isAttrs r));
  mapAttrsRecursive = f: lib.mapAttrsRecursiveCond (_: true) f;
  mapAttrsRecursiveCond = condition: f: set:
    let go = path: builtins.mapAttrs (name: value: if builtins.isAttrs value && condition value then go (path ++ [ name ]) value else f (path ++ [ name ]) value);
    in go [ ] set;
  collect = keep: set: if keep set then [ set ] else if builtins.isAttrs set then builtins.concatMap (lib.collect keep) (builtins.attrValues set) else [ ];
  isDerivation = value: (value.type or null) == "derivation";
  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };
  zipAttrs = builtins.zipAttrsWith (_: values: values);
  updateManyAttrsByPath = updates: set: builtins.foldl' (
    all: { path, update }: lib.recursiveUpdateUntil (at: _: _: at == path) all (lib.setAttrByPath path (update (lib.attrByPath path null all)))
  ) set updates;
  filterAttrsRecursive = keep: set: builtins.listToAttrs (builtins.concatMap (
    name: let value = set.${name}; in
    if keep name value then [ (lib.nameValuePair name (if builtins.isAttrs value then lib.filterAttrsRecursive keep value else value)) ] else [ ]
  ) (builtins.attrNames set));
  mapAttrsToListRecursive = f: set: lib.collect (value: value ? __leaf) (lib.mapAttrsRecursive (path: value: { __leaf = f path value; }) set);
  mapCartesianProduct = f: set: map f (lib.cartesianProduct set);
  cartesianProductOfSets = lib.cartesianProduct;
  foldAttrs = f: start: list: builtins.zipAttrsWith (_: builtins.foldl' (lib.flip f) start) (lib.reverseList list);
  zipAttrsWithNames = names: f: sets: lib.genAttrs names (name: f name (builtins.catAttrs name sets));
  zipWithNames = lib.zipAttrsWithNames;
  unionOfDisjoint = a: b:
    let both = builtins.attrNames (builtins.intersectAttrs a b); in
    if both == [ ] then a // b else throw "unionOfDisjoint: collision on ${lib.concatStringsSep ", " both}";
  attrVals = names: set: map (name: set.${name}) names;
  longestValidPathPrefix = path: set: lib.findFirst (prefix: lib.hasAttrByPath prefix set) [ ] (map (n: lib.take n path) (lib.reverseList (lib.range 0 (builtins.length path))));
  overrideExisting = old: new: builtins.mapAttrs (name: value: new.${name} or value) old;
  matchAttrs = pattern: set: lib.all (name: set ? ${name} && (if builtins.isAttrs pattern.${name} then builtins.isAttrs set.${name} && lib.matchAttrs pattern.${name} set.${name} else pattern.${name} == set.${name})) (builtins.attrNames pattern);
  cartesianProduct = set: builtins.foldl' (all: name: builtins.concatMap (one: map (value: one // { ${name} = value; }) set.${name}) all) [ { } ] (builtins.attrNames set);
}
