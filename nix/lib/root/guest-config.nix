# /mvm/image.json: what the agent is told of its image (ARCHITECTURE.md, Contracts).
{
  args,
  metadata,
  environment,
  users,
}:
let
  inherit (builtins) mapAttrs removeAttrs;
  e = args.entrypoint;
  kind = metadata.entrypointKind;
  # Whose end ends the VM.
  named = {
    list = e.services;
    set = builtins.attrNames e.services;
    bool = builtins.attrNames metadata.services;
  };
  argv = {
    shell = [
      (e.shell or "/bin/bash")
      "-l"
    ];
    inherit (e) command;
    services = [ ];
  };
  user = e.user or (if kind == "shell" && metadata.accessible then "root" else "app");
in
builtins.toJSON {
  schema = 1;
  entrypoint = {
    inherit kind;
    argv = argv.${kind};
    inherit user;
    workingDirectory = e.workingDirectory or (users.homeOf user);
    services = if kind == "services" then named.${builtins.typeOf e.services} else [ ];
    stopSignal = e.stopSignal or "TERM";
    stopTimeout = e.stopTimeout or 10;
  };
  env = environment;
  inherit (metadata) accessible sealed ports volumes;
  services = mapAttrs (
    _: s:
    removeAttrs s [ "presetFields" ]
    // {
      workingDirectory = if s.workingDirectory != null then s.workingDirectory else users.homeOf s.user;
    }
  ) metadata.services;
  healthChecks = metadata.healthChecks or { };
  # What `console` opens in addition to a program.
  shell = if metadata.accessible then argv.shell else null;
  hostname = args.hostname;
  inherit (users) directories;
}
