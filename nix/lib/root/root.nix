# The root file system but for the store: a derivation with `root/` (the tree), `modes` (permissions that a store path can't
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
    isPath
    isString
    listToAttrs
    mapAttrs
    ;
  record = import ../schema/record.nix;
  fileTable = (import ../schema/file.nix).table;
  inherit (import ../schema/show.nix) isDerivation;

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

  asRecord =
    value:
    if isString value then
      { text = value; }
    else if isPath value || isDerivation value then
      { source = value; }
    else
      value;
  extra = mapAttrs (_: value: record.complete fileTable (asRecord value)) args.extraFiles;
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
derivation {
  name = "${args.name}-root";
  inherit system;
  builder = "${pkgs.bash}/bin/bash";
  args = [
    "-euo"
    "pipefail"
    "${./root.sh}"
  ];
  __structuredAttrs = true;
  preferLocalBuild = true;
  busybox = "${pkgs.busybox}/bin/busybox";
  cacert = "${pkgs.cacert}";
  # A path is copied into the store by being named in a string.
  packages =
    map (p: "${p}") args.packages
    ++ (
      if shell then
        [
          "${pkgs.bashInteractive or pkgs.bash}"
          "${import ./terminfo.nix { inherit pkgs system; }}"
        ]
      else
        [ ]
    );
  links = {
    "/etc/zoneinfo" = "/usr/share/zoneinfo";
    "/usr/share/zoneinfo" = "${pkgs.tzdata}/share/zoneinfo";
  }
  // pkgs.rootLinks or { };
  texts = etc // pick "text" (text: text);
  sources = pick "source" (source: "${source}");
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
