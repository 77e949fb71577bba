# The first thing wrong with mkGuest's arguments, or null: types, then what only several arguments show together.
let
  inherit (builtins)
    attrNames
    attrValues
    concatMap
    concatStringsSep
    elem
    filter
    foldl'
    hasAttr
    head
    isAttrs
    isList
    length
    ;
  types = import ./schema/types.nix;
  record = import ./schema/record.nix;
  inherit (import ./schema/nearest.nix) nearest;
  inherit (import ./schema/show.nix) quote;
  arguments = import ./schema/arguments.nix;
  presets = import ./presets;

  typeProblem = record.problem {
    table = arguments;
    noun = "argument";
    form = "an attribute set: mkGuest { name = \"my-app\"; entrypoint.shell = \"/bin/bash\"; }";
  } "";

  didYouMean =
    name: known:
    let
      close = nearest name known;
    in
    if close != null then " Did you mean ${quote close}?" else "";

  # Names at `where` that are not among `known`.
  unknownName =
    where: what: names: known:
    let
      missing = filter (n: !elem n known) names;
    in
    if missing == [ ] then
      null
    else
      {
        text = "`${where}` names the ${what} ${quote (head missing)}, which is not declared.${didYouMean (head missing) known}";
      };

  inlineServices = args: if isAttrs (args.entrypoint.services or null) then args.entrypoint.services else { };

  # A circle in `after`, as the list of its names, or null.
  circle =
    services:
    let
      next = name: services.${name}.after or [ ];
      walk =
        path: name:
        if elem name path then
          path ++ [ name ]
        else
          foldl' (found: n: if found != null then found else walk (path ++ [ name ]) n) null (next name);
      # What leads to no circle is left out step by step, so that wide graphs stay cheap.
      prune =
        left:
        let
          kept = filter (n: filter (m: elem m left) (next n) != [ ]) left;
        in
        if length kept == length left then left else prune kept;
      rest = prune (attrNames services);
    in
    if rest == [ ] then null else walk [ ] (head rest);

  duplicate = list: filter (x: length (filter (y: y == x) list) > 1) list;

  together =
    args:
    let
      inline = inlineServices args;
      services = (args.services or { }) // inline;
      names = attrNames services;
      listed = if isList (args.entrypoint.services or null) then args.entrypoint.services else [ ];
      twice = filter (n: hasAttr n (args.services or { })) (attrNames inline);
      users =
        [
          "root"
          "nobody"
          "app"
        ]
        ++ attrNames (presets.users services)
        ++ attrNames (args.users or { })
        ++ attrNames (args.uids or { });
      userProblem = where: user: unknownName where "user" (if user == null then [ ] else [ user ]) users;
      serviceProblem =
        name:
        let
          s = services.${name};
        in
        [
          (unknownName "services.${types.quoteKey name}.after" "service" (s.after or [ ]) names)
          (userProblem "services.${types.quoteKey name}.user" (s.user or null))
        ];
      ring = circle services;
      uids = args.uids or { };
      numbered = filter (n: (args.users.${n}.uid or null) != null) (attrNames (args.users or { }));
      sameNumber = duplicate (map (n: args.users.${n}.uid) numbered ++ attrValues (removeAttrs uids numbered));
      twoNumbers = filter (n: hasAttr n uids && uids.${n} != args.users.${n}.uid) numbered;
      samePort = duplicate (args.ports or [ ]);
      say = condition: text: if condition then { inherit text; } else null;
    in
    types.firstOf (
      [
        (say (twice != [ ]) "the service ${quote (head twice)} is both in `services` and in `entrypoint.services`.")
        (say ((args.entrypoint.services or null) == true && names == [ ])
          "`entrypoint.services` is true, but `services` declares none."
        )
        (unknownName "entrypoint.services" "service" listed names)
        (userProblem "entrypoint.user" (args.entrypoint.user or null))
      ]
      ++ concatMap serviceProblem names
      ++ [
        (say (ring != null) "the services wait for each other by `after`: ${concatStringsSep " → " ring}.")
        (say (twoNumbers != [ ]) "the user ${quote (head twoNumbers)} has one number in `users` and another in `uids`.")
        (say (sameNumber != [ ]) "two users have the number ${toString (head sameNumber)}.")
        (say (samePort != [ ]) "`ports` has ${toString (head samePort)} twice.")
      ]
    );
in
args:
let
  wrong = typeProblem args;
in
if wrong != null then wrong else together args
