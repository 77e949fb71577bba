# The root file system without the store: a derivation with `root/` (the tree), `modes` (permissions that a store path can't
# have) and `image.json` (for the agent). Its closure is what the image's store must hold.
{
  pkgs,
  system,
  args,
  metadata,
}:
let
  inherit (builtins)
    attrNames
    filter
    listToAttrs
    mapAttrs
    removeAttrs
    ;
  record = import ../schema/record.nix;
  fileTable = (import ../schema/file.nix).table;
  inherit (import ../schema/store.nix) inStore;

  environment = import ./environment.nix args.env;
  shell = metadata.accessible || metadata.entrypointKind == "shell";
  users = import ./users.nix (
    args
    // {
      rootShell = args.entrypoint.shell or (if shell then "/bin/bash" else "/bin/sh");
      inherit (metadata) services;
    }
  );
  etc = import ./etc.nix { inherit args users environment; };

  links = {
    "/etc/zoneinfo" = "/usr/share/zoneinfo";
    "/usr/share/zoneinfo" = "${pkgs.tzdata}/share/zoneinfo";
  }
  // pkgs.rootLinks or { };
  declared = map inStore args.packages;
  extra = mapAttrs (_: record.complete fileTable) args.extraFiles;
  with' = field: filter (path: extra.${path}.${field} != null) (attrNames extra);
  pick =
    field: read:
    listToAttrs (
      map (path: {
        name = path;
        value = read extra.${path}.${field};
      }) (with' field)
    );
in
import ../made-here.nix {
  name = "${args.name}-root";
  inherit system;
  builder = "${pkgs.bash}/bin/bash";
  args = [
    "-euo"
    "pipefail"
    "${./root.sh}"
  ];
  __structuredAttrs = true;
  busybox = "${pkgs.busybox}/bin/busybox";
  cacert = "${pkgs.cacert}";
  packages =
    declared
    ++ (
      if shell then
        [
          "${pkgs.bashInteractive or pkgs.bash}"
          "${import ./terminfo.nix { inherit pkgs system; }}"
        ]
      else
        [ ]
    );
  # Packages whose programs are also in /usr/local/bin.
  inherit declared;
  links = removeAttrs links (attrNames extra);
  texts = removeAttrs etc (attrNames extra) // pick "text" (text: text);
  # What is declared wins.
  order = attrNames (removeAttrs (links // etc) (attrNames extra)) ++ attrNames extra;
  sources = pick "source" (source: source);
  modes = pick "mode" (mode: mode);
  entryShell = args.entrypoint.shell or "";
  guestConfig = import ./guest-config.nix {
    inherit
      args
      metadata
      environment
      users
      ;
  };
}
