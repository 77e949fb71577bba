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
  updateManyAttrsByPath = throw "nixpkgs.lib.updateManyAttrsByPath: the stand-in made of Debian packages lacks it; use the real nixpkgs.";
  cartesianProduct = set: builtins.foldl' (all: name: builtins.concatMap (one: map (value: one // { ${name} = value; }) set.${name}) all) [ { } ] (builtins.attrNames set);
}
