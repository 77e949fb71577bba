# What is wrong with several of mkGuest's arguments together. Each of them may also be wrong in itself, which is reported elsewhere: here
# it counts as far as it can be understood.
args:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    elem
    filter
    hasAttr
    head
    isAttrs
    isInt
    isList
    isString
    length
    mapAttrs
    ;
  types = import ./schema/types.nix;
  inherit (import ./schema/nearest.nix) nearest;
  inherit (import ./schema/show.nix) quote isDerivation;
  record = import ./schema/record.nix;
  table = import ./schema/arguments.nix;
  presets = import ./presets;

  # A misspelt argument is taken for the one that it means, so that nothing else is reported about its content.
  meant =
    builtins.listToAttrs (
      concatMap (
        name:
        let
          known = if elem name (record.known table) then null else record.meant table name;
        in
        if known == null then [ ] else [ { name = known; value = args.${name}; } ]
      ) (attrNames args)
    )
    // args;
  attrs = value: if isAttrs value && !isDerivation value then value else { };
  texts = value: if isList value then filter isString value else [ ];
  numbers = value: if isList value then filter isInt value else [ ];

  entrypoint = attrs (meant.entrypoint or { });
  inline = attrs (entrypoint.services or { });
  declared = attrs (meant.services or { });
  services = mapAttrs (_: attrs) (declared // inline);
  names = attrNames services;
  listed = texts (entrypoint.services or null);
  users = mapAttrs (_: attrs) (attrs (meant.users or { }));
  given = builtins.intersectAttrs (builtins.listToAttrs (
    map (name: { inherit name; value = null; }) (filter (n: isInt meant.uids.${n}) (attrNames (attrs (meant.uids or { }))))
  )) (attrs (meant.uids or { }));
  roles = import ./roles.nix { inherit users; uids = given; };
  knownUsers =
    [
      "root"
      "nobody"
      "app"
    ]
    ++ attrNames (presets.users services)
    ++ attrNames users
    ++ attrNames roles.uids;

  say = condition: text: if condition then [ { inherit text; } ] else [ ];
  # Names at `where` that are not among `known`.
  unknownNames =
    where: what: asked: known:
    map (
      name:
      let
        close = nearest name known;
        didYouMean = if close != null then " Did you mean ${quote close}?" else "";
      in
      { text = "`${where}` names the ${what} ${quote name}, which is not declared.${didYouMean}"; }
    ) (filter (n: !elem n known) asked);
  userProblems =
    where: of:
    types.placed "user" of (
      unknownNames where "user" (if isString (of.user or null) && of.user != "" then [ of.user ] else [ ]) knownUsers
    );
  serviceProblems =
    name:
    let
      s = services.${name};
      where = field: "services.${types.quoteKey name}.${field}";
    in
    types.placed "after" s (unknownNames (where "after") "service" (texts (s.after or [ ])) names)
    ++ userProblems (where "user") s;

  # A circle in `after`, as the list of its names, or null.
  circle =
    let
      next = name: texts (services.${name}.after or [ ]);
      walk =
        path: name:
        if elem name path then
          path ++ [ name ]
        else
          walk (path ++ [ name ]) (head (filter (n: elem n rest) (next name)));
      # What leads to no circle is left out step by step, so that wide graphs stay cheap.
      prune =
        left:
        let
          kept = filter (n: filter (m: elem m left) (next n) != [ ]) left;
        in
        if length kept == length left then left else prune kept;
      rest = prune names;
    in
    if rest == [ ] then null else walk [ ] (head rest);

  twice = filter (n: hasAttr n declared) (attrNames inline);
  # Each value that is there more than once, once.
  repeated =
    list:
    let
      more = filter (x: length (filter (y: y == x) list) > 1) list;
    in
    builtins.foldl' (seen: x: if elem x seen then seen else seen ++ [ x ]) [ ] more;
  numbered = filter (n: isInt (users.${n}.uid or null)) (attrNames users);
  uidOf = name: if name == "root" then 0 else users.${name}.uid or roles.uids.${name} or null;
  sameNumber = repeated (map (n: users.${n}.uid) numbered ++ builtins.attrValues (removeAttrs roles.uids numbered));
  twoNumbers = filter (n: hasAttr n roles.uids && roles.uids.${n} != users.${n}.uid) numbered;
  named = isAttrs (meant.entrypoint or null);
  ofServices = !named || entrypoint ? services;
  both = given ? entrypoint && isString (entrypoint.user or null) && uidOf entrypoint.user != given.entrypoint;
  folders = texts (meant.volumes or [ ]);
  mounts = filter (path: !elem path folders) (attrNames (attrs (meant.volumeMounts or { })));
  between = (import ./schema/volumes.nix).between;
in
(
  if !(meant ? entrypoint) && declared == { } && !(meant ? services) then
    [
      {
        text = "`entrypoint` is missing; it is ${table.entrypoint.type.form}, unless there are `services`.";
        example = "entrypoint = ${table.entrypoint.example};";
      }
    ]
  else
    [ ]
)
++ map (n: { text = "the service ${quote n} is both in `services` and in `entrypoint.services`."; }) twice
++ say (
  names == [ ] && ((entrypoint.services or null) == true || (!(meant ? entrypoint) && (meant.services or null) == { }))
) "${if meant ? entrypoint then "`entrypoint.services` is true" else "there is no `entrypoint`"}, but `services` declares none."
++ types.placed "services" entrypoint (unknownNames "entrypoint.services" "service" listed names)
++ userProblems "entrypoint.user" entrypoint
++ concatMap serviceProblems names
++ say (circle != null) "the services wait for each other through `after`: ${concatStringsSep " → " circle}."
++ map (n: { text = "the user ${quote n} has one number in `users` and another in `uids`."; }) twoNumbers
++ map (n: { text = "two users have the number ${toString n}."; }) sameNumber
++ (
  if both then
    types.placed "entrypoint" given [
      { text = "`uids.entrypoint` and `entrypoint.user` name two users for the program; give one of them."; }
    ]
  else
    [ ]
)
++ (
  if ofServices && (given.entrypoint or null) == 0 && names != [ ] then
    types.placed "entrypoint" given [
      {
        text = "`uids.entrypoint` is root's number, but the entrypoint is services, each of which has its own `user`.";
        example = "services.${types.quoteKey (head names)}.user = \"root\";";
      }
    ]
  else
    [ ]
)
++ map (n: { text = "`ports` has ${toString n} twice."; }) (repeated (numbers (meant.ports or [ ])))
++ (if mounts == [ ] then [ ] else filter (p: !elem p (between "volumes" folders)) (between "volumes" (folders ++ mounts)))
