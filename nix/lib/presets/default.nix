# Presets: what well-known services need, so that a declaration of their command alone works. A preset is
# { names; user = { name; uid; home; }; doc; fields = service: fields of services.<name>; }; declared fields win over it.
let
  inherit (builtins)
    concatMap
    elem
    filter
    head
    listToAttrs
    map
    ;
  all = map import [
    ./memcached.nix
    ./mysql.nix
    ./nginx.nix
    ./postgres.nix
    ./redis.nix
  ];
  called = name: head (filter (preset: elem name preset.names) all ++ [ null ]);
in
rec {
  inherit all;
  # What `preset` may be, besides "auto".
  names = concatMap (preset: preset.names) all;
  # The preset of a service as declared, or null.
  find =
    name: service:
    let
      asked = service.preset or "auto";
    in
    if asked == null then null else called (if asked == "auto" then name else asked);
  # Users that presets bring: name → { uid; home; }.
  users =
    services:
    listToAttrs (
      concatMap (
        name:
        let
          preset = find name services.${name};
        in
        if preset == null then [ ] else [ { inherit (preset.user) name; value = { inherit (preset.user) uid home; }; } ]
      ) (builtins.attrNames services)
    );
}
