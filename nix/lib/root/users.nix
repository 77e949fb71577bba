# /etc/passwd and /etc/group, and the homes that the agent makes at boot: files in an image all belong to root. `args` are
# mkGuest's as read, with `services` as in the metadata and, for `passwd`, `rootShell`.
args:
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
    removeAttrs
    ;
  record = import ../schema/record.nix;
  userTable = (import ../schema/user.nix).table;

  # Users that need not be declared: the one for programs without a user, and those of presets. Their numbers stay the same from image
  # to image, since kept folders belong to numbers.
  implied = {
    app = {
      uid = 900;
      home = "/var/lib/app";
    };
  }
  // (import ../presets).users args.services;

  declared = builtins.mapAttrs (_: record.complete userTable) args.users;
  system = builtins.mapAttrs (name: _: {
    uid = null;
    home = implied.${name}.home or "/var/lib/${name}";
    shell = "/bin/false";
    groups = [ ];
    description = "";
  }) (removeAttrs (implied // args.uids) (attrNames declared));
  users = removeAttrs (system // declared) [ "root" "nobody" ];

  fixed = name: if users.${name}.uid != null then users.${name}.uid else args.uids.${name} or null;
  taken = filter (n: n != null) (map fixed (attrNames users));
  # Implied users make way for declared numbers.
  settled = foldl' (
    of: name:
    let
      all = taken ++ attrValues of;
      free = n: if elem n all then free (n + 1) else n;
    in
    if fixed name != null then of else of // { ${name} = free implied.${name}.uid; }
  ) { } (filter (name: hasAttr name implied && !hasAttr name declared) (attrNames users));
  free = n: if elem n (taken ++ attrValues settled) then free (n + 1) else n;
  # Names in their order get the next free numbers.
  numbers =
    (foldl'
      (
        state: name:
        let
          given = settled.${name} or (fixed name);
          uid = if given != null then given else free state.next;
        in
        {
          next = if given != null then state.next else uid + 1;
          of = state.of // { ${name} = uid; };
        }
      )
      {
        next = 1000;
        of = { };
      }
      (attrNames users)
    ).of;
  homeOf = name: if users.${name}.home != null then users.${name}.home else "/home/${name}";

  baseGroups = {
    root = 0;
    daemon = 1;
    bin = 2;
    adm = 4;
    tty = 5;
    disk = 6;
    kmem = 15;
    wheel = 20;
    utmp = 43;
    users = 100;
    nogroup = 65534;
  };
  ownGroups = baseGroups // numbers;
  wanted = filter (g: !hasAttr g ownGroups) (concatMap (u: u.groups) (attrValues users));
  # Groups that only `groups` names, numbered from 2000.
  madeGroups =
    (foldl'
      (state: g: if hasAttr g state.of then state else { next = state.next + 1; of = state.of // { ${g} = state.next; }; })
      {
        next = 2000;
        of = { };
      }
      wanted
    ).of;
  groups = ownGroups // madeGroups;
  members = g: filter (u: elem g users.${u}.groups) (attrNames users) ++ (if g == "wheel" then [ "root" ] else [ ]);
  lines = list: concatStringsSep "\n" list + "\n";
  number = toString;
in
{
  passwd = lines (
    [ "root:*:0:0:root:/root:${args.rootShell}" ]
    ++ map (n: "${n}:*:${number numbers.${n}}:${number numbers.${n}}:${users.${n}.description}:${homeOf n}:${users.${n}.shell}") (
      attrNames users
    )
    ++ [ "nobody:*:65534:65534:nobody:/nonexistent:/bin/false" ]
  );
  group = lines (map (g: "${g}:x:${number groups.${g}}:${concatStringsSep "," (members g)}") (attrNames groups));
  uidOf = name: if name == "root" then 0 else numbers.${name} or 65534;
  # Where the processes of a user start.
  homeOf = name: if name == "root" then "/root" else if hasAttr name users then homeOf name else "/";
  directories = map (n: {
    path = homeOf n;
    user = n;
    mode = "0700";
  }) (attrNames users);
}
