# mkGuest's arguments, when they hold, in the one form that the rest of the library reads: our own names, all defaults, roles
# as users, volumes in one list.
args:
let
  record = import ./schema/record.nix;
  complete = record.complete (import ./schema/arguments.nix) args;
  roles = import ./roles.nix complete;
  others = builtins.filter (path: !builtins.elem path complete.volumes) complete.volumeMounts;
in
removeAttrs complete [ "volumeMounts" ]
// {
  volumes = complete.volumes ++ others;
  inherit (roles) uids;
  entrypoint =
    (
      if roles.entrypoint == null || (complete.entrypoint.services or null) != null then
        { }
      else
        { user = roles.entrypoint; }
    )
    // complete.entrypoint;
}
